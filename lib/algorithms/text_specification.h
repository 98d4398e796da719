/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TEXT_SPECIFICATION_H
#define INCLUDED_FEWBIT_ALGORITHMS_TEXT_SPECIFICATION_H

#include <initializer_list>
#include <map>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief A text that names a codec or a design, taken apart: "kind:FILE,key=value,key=value".
 *
 * Spaces around kind, file, keys and values are skipped. A factory first names the
 * options that it knows, so that a misspelt one is an error, not a default, and is
 * reported before one that is missing for it. Everything that is wrong throws
 * std::invalid_argument in one sentence that quotes the text.
 */
class text_specification
{
public:
    //! \param noun what the text names, for sentences: "codec"
    text_specification(const std::string& noun, const std::string& text);

    const std::string& text() const { return d_text; }
    const std::string& kind() const { return d_kind; }

    //! Throws where an option is none of \p keys, or a file was given.
    void allow(std::initializer_list<const char*> keys);

    //! The same for what is made from a file.
    void allow_file_and(std::initializer_list<const char*> keys);

    //! The bundle's path, looked up in models_path() too; throws where none was given, and
    //! bundle_error where neither place has it. Follows allow_file_and().
    std::string file() const;

    //! The same, instead of both, for what is made from a file and has no options: all that
    //! follows the ':' is the file's name, a ',' or '=' in it too.
    std::string file_alone() const;

    bool has(const std::string& key) const { return d_options.count(key) != 0; }

    //! The number \p key in [lowest, highest]; throws where it is missing.
    double number(const std::string& key, double lowest, double highest);

    //! The same, \p otherwise where it is missing.
    double
    number(const std::string& key, double lowest, double highest, double otherwise);

    //! A whole number.
    int integer(const std::string& key, int lowest, int highest);
    int integer(const std::string& key, int lowest, int highest, int otherwise);

    //! Throws std::invalid_argument: "NOUN 'TEXT': WHAT".
    [[noreturn]] void refuse(const std::string& what) const;

private:
    void take_apart();
    void check_options(std::initializer_list<const char*> keys) const;
    const std::string& named(const std::string& file) const; // throws where it is empty
    std::string about() const;                               // how each sentence begins

    std::string d_noun;
    std::string d_text;
    std::string d_kind;
    std::string d_rest; // all that follows the ':'
    std::string d_file;
    std::map<std::string, std::string> d_options;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TEXT_SPECIFICATION_H */

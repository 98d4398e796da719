/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_STRICT_JSON_H
#define INCLUDED_FEWBIT_ALGORITHMS_STRICT_JSON_H

#include <nlohmann/json.hpp>
#include <cstddef>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

/*! \brief Parse untrusted JSON.
 *
 * Duplicate keys of an object are refused (a parser that keeps one of them silently would
 * read something else than the next one does), and so is nesting deeper than \p
 * max_depth.
 *
 * \throws std::runtime_error in a few words, to be put after "is"
 */
nlohmann::json parse_strict_json(const std::string& text, std::size_t max_depth);

/*! \brief Text of a file between quotes, for a message: printable, valid UTF-8, not long.
 */
std::string in_quotes(const std::string& text);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_STRICT_JSON_H */

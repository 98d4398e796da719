/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_BUNDLE_H
#define INCLUDED_FEWBIT_ALGORITHMS_BUNDLE_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! Why a bundle is refused, in one sentence: the file, the field, what was found and
//! expected.
class FEWBIT_ALGORITHMS_API bundle_error : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/*!
 * \brief A trained model, read from a `.safetensors` file.
 *
 * A bundle is a safetensors file (8 bytes of header length, little endian; a JSON header;
 * the tensors' bytes) whose string metadata are `fewbit.kind` (what the model is for),
 * `fewbit.format` ("1") and `fewbit.config` (a JSON object). docs/architecture.md lists
 * the tensors and the configuration of each kind.
 *
 * A file is untrusted. load() reads at most max_file_bytes, checks everything that can be
 * checked without knowing the kind, and keeps a sound bundle or throws: the header is
 * JSON without duplicate keys, the tensors are F32 or I32, their offsets fit their shapes
 * and cover the data without a gap or an overlap, and every float is finite. What depends
 * on the kind (which tensors, of which shapes; which configuration) is checked by whoever
 * asks for it, by the accessors below.
 *
 * A bundle never changes after load(). Copies share its memory, also between threads.
 */
class FEWBIT_ALGORITHMS_API bundle
{
public:
    static constexpr std::size_t max_file_bytes = 16u << 20;
    static constexpr std::size_t max_header_bytes = 1u << 20;

    using shape_type = std::vector<std::size_t>;

    //! A tensor's name, its type ("F32" or "I32") and its shape.
    struct tensor_info {
        std::string name;
        std::string dtype;
        shape_type shape;
    };

    /*!
     * \param path the file
     * \param kind what it must be, such as "softbit_codec"; empty to take any kind
     * \throws bundle_error when the file cannot be read or is not a sound bundle of that
     * kind
     */
    static bundle load(const std::string& path, const std::string& kind = "");

    const std::string& path() const noexcept;
    const std::string& kind() const noexcept;
    //! FNV-1a hash (32 bits) of the whole file: bundles of equal bytes, wherever they
    //! lie, are equal.
    std::uint32_t id() const noexcept;
    //! The file's size.
    std::size_t file_bytes() const noexcept;

    //! The configuration as it was written: a JSON object.
    const std::string& config() const noexcept;
    bool has_config(const std::string& key) const noexcept;
    //! \throws bundle_error unless the value is an integer from \p least to \p most
    std::int64_t
    config_integer(const std::string& key, std::int64_t least, std::int64_t most) const;
    //! \throws bundle_error unless the value is a number from \p least to \p most
    double config_number(const std::string& key, double least, double most) const;
    //! \throws bundle_error unless the value is an array of \p count numbers
    std::vector<double> config_numbers(const std::string& key, std::size_t count) const;
    //! \throws bundle_error unless the value is a string
    std::string config_string(const std::string& key) const;
    //! \throws bundle_error unless the value is true or false
    bool config_boolean(const std::string& key) const;

    //! The tensors, in the order of their bytes.
    const std::vector<tensor_info>& tensors() const noexcept;
    bool has_tensor(const std::string& name) const noexcept;
    //! \throws bundle_error when there is no such tensor
    const tensor_info& tensor(const std::string& name) const;

    /*! \brief The values of a float tensor, row by row: all finite.
     *
     * They live as long as a copy of this bundle does.
     * \throws bundle_error unless the tensor is there and is F32 of exactly this shape
     */
    const std::vector<float>& f32(const std::string& name, const shape_type& shape) const;
    //! The same for an integer tensor (I32).
    const std::vector<std::int32_t>& i32(const std::string& name,
                                         const shape_type& shape) const;

    /*! \brief The error to throw for a value that only the kind's reader can judge.
     *
     * bundle_error("bundle PATH: FIELD is FOUND, expected EXPECTED")
     */
    bundle_error refusal(const std::string& field,
                         const std::string& found,
                         const std::string& expected) const;

private:
    struct contents;
    explicit bundle(std::shared_ptr<const contents> c);

    std::shared_ptr<const contents> d_contents;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_BUNDLE_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_SAFETENSORS_H
#define INCLUDED_FEWBIT_ALGORITHMS_SAFETENSORS_H

#include <gnuradio/fewbit/algorithms/bundle.h>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! The sentence of every refusal.
bundle_error bundle_refusal(const std::string& path,
                            const std::string& field,
                            const std::string& found,
                            const std::string& expected);

//! Of a file that is something else altogether: "'PATH' is not a bundle: WHY".
bundle_error not_a_bundle(const std::string& path, const std::string& why);

//! "[3, 1, 65]"
std::string shape_text(const bundle::shape_type& shape);

//! Where a tensor's values are in a file.
struct safetensors_entry {
    bundle::tensor_info info;
    std::size_t begin; // in the data, which follow the header
    std::size_t end;
};

struct safetensors_header {
    std::size_t data_begin; // in the file
    std::map<std::string, std::string> metadata;
    std::vector<safetensors_entry> tensors; // in the order of their bytes
};

/*! \brief The bytes of a regular file of at most bundle::max_file_bytes.
 * \throws bundle_error
 */
std::vector<std::uint8_t> read_bundle_file(const std::string& path);

/*! \brief Parse and check the header of a safetensors file of F32 and I32 tensors.
 *
 * After it, every entry's bytes lie within the file, fit its shape, and no two overlap.
 * \throws bundle_error, which names \p path
 */
safetensors_header parse_safetensors(const std::string& path,
                                     const std::vector<std::uint8_t>& file);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_SAFETENSORS_H */

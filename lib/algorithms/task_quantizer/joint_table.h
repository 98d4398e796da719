/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_JOINT_TABLE_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_JOINT_TABLE_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

class class_scores;

//! The answers to every cell of a bank of ADCs, so that each is one load.
struct joint_table {
    std::vector<std::uint32_t> stride; // cell = sum_d code_d stride_d; empty: no table
    std::size_t users = 0;
    std::size_t bit_row = 0; // bytes of a row of bits: 4, or 8 for more than 4 users
    std::vector<std::uint8_t> classes; // [cells]
    std::vector<std::uint8_t> bits;    // [cells][bit_row]
    std::vector<float> llrs;           // [cells][k]
    std::vector<float> posteriors;     // [cells][2^k]; empty where that is too much

    bool exists() const noexcept { return !stride.empty(); }
    std::size_t cells() const noexcept { return classes.size(); }

    //! Makes room, if prod M_d is at most \p most_cells.
    void reserve(const std::vector<unsigned>& levels,
                 std::size_t users,
                 std::size_t most_cells);
    //! The answers to \p n cells from \p cell on; destroys the scores.
    void fill(std::size_t cell, std::size_t n, class_scores& scores) noexcept;

    // Answers to n cells, as digital_map's methods give them.
    void find_classes(const std::uint32_t* found_in,
                      std::size_t n,
                      std::uint8_t* found) const noexcept;
    void find_bits(const std::uint32_t* found_in,
                   std::size_t n,
                   std::uint8_t* found) const noexcept;
    void
    find_llrs(const std::uint32_t* found_in, std::size_t n, float* found) const noexcept;
    void find_posteriors(const std::uint32_t* found_in,
                         std::size_t n,
                         float* found) const noexcept;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_JOINT_TABLE_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/joint_table.h"

#include "algorithms/task_quantizer/class_scores.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <cstring>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr std::size_t most_posteriors = 1u << 20; // 4 MB

// Rows of a length that the compiler knows, [cells][Length].
template <std::size_t Length>
void copy_rows(const float* table,
               const std::uint32_t* cells,
               std::size_t n,
               float* found) noexcept
{
    for (std::size_t v = 0; v < n; v++)
        std::memcpy(
            found + v * Length, table + cells[v] * Length, Length * sizeof(float));
}

void find_rows(const float* table,
               std::size_t length,
               const std::uint32_t* cells,
               std::size_t n,
               float* found) noexcept
{
    switch (length) { // the usual ones
    case 2:
        return copy_rows<2>(table, cells, n, found);
    case 4:
        return copy_rows<4>(table, cells, n, found);
    case 16:
        return copy_rows<16>(table, cells, n, found);
    default:
        for (std::size_t v = 0; v < n; v++)
            std::memcpy(
                found + v * length, table + cells[v] * length, length * sizeof(float));
    }
}

// Whole rows are copied, of which the next vector overwrites what is too much.
template <std::size_t Row>
void copy_bits(const std::uint8_t* table,
               std::size_t users,
               const std::uint32_t* cells,
               std::size_t n,
               std::uint8_t* found) noexcept
{
    std::size_t v = 0;
    for (; v < n && (n - v) * users >= Row; v++, found += users)
        std::memcpy(found, table + cells[v] * Row, Row);
    for (; v < n; v++, found += users)
        std::memcpy(found, table + cells[v] * Row, users);
}

} // namespace

void joint_table::reserve(const std::vector<unsigned>& levels,
                          std::size_t n_users,
                          std::size_t most_cells)
{
    std::size_t n = 1;
    std::vector<std::uint32_t> found;
    for (const unsigned m : levels) {
        found.push_back(static_cast<std::uint32_t>(n));
        n *= m;
        if (n > most_cells)
            return;
    }
    stride = std::move(found);
    users = n_users;
    bit_row = users > 4 ? 8 : 4;
    classes.resize(n);
    bits.resize(n * bit_row);
    llrs.resize(n * users);
    if (n << users <= most_posteriors)
        posteriors.resize(n << users);
}

void joint_table::fill(std::size_t cell, std::size_t n, class_scores& scores) noexcept
{
    scores.classes(n, classes.data() + cell);
    scores.llrs(n, digital_map::llr_limit, llrs.data() + cell * users);
    if (!posteriors.empty())
        scores.posteriors(n, posteriors.data() + (cell << users));
    for (std::size_t i = cell; i < cell + n; i++)
        to_bits(classes[i], users, bits.data() + i * bit_row);
}

void joint_table::find_classes(const std::uint32_t* found_in,
                               std::size_t n,
                               std::uint8_t* found) const noexcept
{
    for (std::size_t v = 0; v < n; v++)
        found[v] = classes[found_in[v]];
}

void joint_table::find_bits(const std::uint32_t* found_in,
                            std::size_t n,
                            std::uint8_t* found) const noexcept
{
    if (bit_row == 4)
        copy_bits<4>(bits.data(), users, found_in, n, found);
    else
        copy_bits<8>(bits.data(), users, found_in, n, found);
}

void joint_table::find_llrs(const std::uint32_t* found_in,
                            std::size_t n,
                            float* found) const noexcept
{
    find_rows(llrs.data(), users, found_in, n, found);
}

void joint_table::find_posteriors(const std::uint32_t* found_in,
                                  std::size_t n,
                                  float* found) const noexcept
{
    find_rows(posteriors.data(), std::size_t{1} << users, found_in, n, found);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

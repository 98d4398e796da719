/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/coding/ldpc_code.h>

#include "ldpc_tables.h"
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& sentence)
{
    throw std::invalid_argument("ldpc_code " + name + ": " + sentence);
}

} // namespace

ldpc_code::ldpc_code(std::size_t lifting,
                     std::size_t base_rows,
                     std::size_t base_columns,
                     const std::vector<int>& shifts,
                     const std::string& name)
    : d_lifting(lifting), d_base_columns(base_columns), d_name(name)
{
    if (lifting < 2 || lifting > 1024)
        refuse(name, "lifting is " + std::to_string(lifting) + ", expected 2 to 1024");
    if (base_rows < 1 || base_columns <= base_rows || base_columns > 1024)
        refuse(
            name,
            "the base matrix is " + std::to_string(base_rows) + " x " +
                std::to_string(base_columns) +
                ", expected at least one row, more columns than rows and at most 1024");
    if (shifts.size() != base_rows * base_columns)
        refuse(name,
               "got " + std::to_string(shifts.size()) + " shifts for a base matrix of " +
                   std::to_string(base_rows * base_columns) + " entries");

    d_rows.resize(base_rows);
    std::vector<bool> used(base_columns, false);
    for (std::size_t r = 0; r < base_rows; ++r) {
        for (std::size_t c = 0; c < base_columns; ++c) {
            const int shift = shifts[r * base_columns + c];
            if (shift < -1 || shift >= static_cast<int>(lifting))
                refuse(name,
                       "the shift in row " + std::to_string(r) + ", column " +
                           std::to_string(c) + " is " + std::to_string(shift) +
                           ", expected -1 or 0 to " + std::to_string(lifting - 1));
            if (shift < 0)
                continue;
            d_rows[r].push_back({c, static_cast<std::size_t>(shift)});
            used[c] = true;
        }
        if (d_rows[r].size() < 2)
            refuse(name,
                   "row " + std::to_string(r) +
                       " has fewer than two blocks; a check needs at least two bits");
    }
    for (std::size_t c = 0; c < base_columns; ++c)
        if (!used[c])
            refuse(name,
                   "column " + std::to_string(c) + " is empty; no check covers its bits");
}

ldpc_code ldpc_code::from_name(const std::string& name)
{
    for (const auto& table : ldpc_tables())
        if (name == table.name)
            return ldpc_code(
                table.lifting, table.rows, table.columns, table.shifts, name);
    std::string known;
    for (const auto& one : names())
        known += (known.empty() ? "" : ", ") + one;
    throw std::invalid_argument("ldpc_code: there is no built-in code '" + name +
                                "'; choose one of " + known);
}

std::vector<std::string> ldpc_code::names()
{
    std::vector<std::string> all;
    for (const auto& table : ldpc_tables())
        all.emplace_back(table.name);
    return all;
}

bool ldpc_code::is_codeword(const std::uint8_t* bits) const noexcept
{
    for (const auto& row : d_rows)
        for (std::size_t i = 0; i < d_lifting; ++i) {
            unsigned sum = 0;
            for (const auto& one : row)
                sum ^= bits[one.column * d_lifting + (i + one.shift) % d_lifting];
            if (sum & 1)
                return false;
        }
    return true;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

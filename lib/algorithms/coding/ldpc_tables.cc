/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "ldpc_tables.h"

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr int _ = -1; // the all-zero block, a dash in the standard

} // namespace

// clang-format off
const std::vector<ldpc_table>& ldpc_tables()
{
    static const std::vector<ldpc_table> tables = {
        // IEEE 802.11-2012, table F-1 (a)
        { "802.11n-648-1/2", 27, 12, 24, {
             0,  _,  _,  _,  0,  0,  _,  _,  0,  _,  _,  0,  1,  0,  _,  _,  _,  _,  _,  _,  _,  _,  _,  _,
            22,  0,  _,  _, 17,  _,  0,  0, 12,  _,  _,  _,  _,  0,  0,  _,  _,  _,  _,  _,  _,  _,  _,  _,
             6,  _,  0,  _, 10,  _,  _,  _, 24,  _,  0,  _,  _,  _,  0,  0,  _,  _,  _,  _,  _,  _,  _,  _,
             2,  _,  _,  0, 20,  _,  _,  _, 25,  0,  _,  _,  _,  _,  _,  0,  0,  _,  _,  _,  _,  _,  _,  _,
            23,  _,  _,  _,  3,  _,  _,  _,  0,  _,  9, 11,  _,  _,  _,  _,  0,  0,  _,  _,  _,  _,  _,  _,
            24,  _, 23,  1, 17,  _,  3,  _, 10,  _,  _,  _,  _,  _,  _,  _,  _,  0,  0,  _,  _,  _,  _,  _,
            25,  _,  _,  _,  8,  _,  _,  _,  7, 18,  _,  _,  0,  _,  _,  _,  _,  _,  0,  0,  _,  _,  _,  _,
            13, 24,  _,  _,  0,  _,  8,  _,  6,  _,  _,  _,  _,  _,  _,  _,  _,  _,  _,  0,  0,  _,  _,  _,
             7, 20,  _, 16, 22, 10,  _,  _, 23,  _,  _,  _,  _,  _,  _,  _,  _,  _,  _,  _,  0,  0,  _,  _,
            11,  _,  _,  _, 19,  _,  _,  _, 13,  _,  3, 17,  _,  _,  _,  _,  _,  _,  _,  _,  _,  0,  0,  _,
            25,  _,  8,  _, 23, 18,  _, 14,  9,  _,  _,  _,  _,  _,  _,  _,  _,  _,  _,  _,  _,  _,  0,  0,
             3,  _,  _,  _, 16,  _,  _,  2, 25,  5,  _,  _,  1,  _,  _,  _,  _,  _,  _,  _,  _,  _,  _,  0,
        } },
    };
    return tables;
}
// clang-format on

} // namespace algorithms
} // namespace fewbit
} // namespace gr

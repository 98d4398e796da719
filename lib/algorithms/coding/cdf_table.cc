/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/coding/cdf_table.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

[[noreturn]] void
refuse(std::size_t entry, std::int32_t found, const std::string& expected)
{
    throw std::invalid_argument("integer CDF: entry " + std::to_string(entry) + " is " +
                                std::to_string(found) + ", expected " + expected);
}

} // namespace

void check_cdf(const std::int32_t* cdf, std::size_t entries)
{
    if (entries < 2 || entries > 65537)
        throw std::invalid_argument(
            "integer CDF: " + std::to_string(entries) +
            " entries found, expected 2 to 65537 (one more than the "
            "alphabet has symbols)");
    if (cdf[0] != 0)
        refuse(0, cdf[0], "0");
    for (std::size_t i = 1; i < entries; ++i)
        if (cdf[i] <= cdf[i - 1])
            refuse(
                i, cdf[i], "more than its left neighbour " + std::to_string(cdf[i - 1]));
    if (cdf[entries - 1] != 65536)
        refuse(entries - 1, cdf[entries - 1], "65536 as the last");
}

cdf_table::cdf_table() noexcept : d_bounds{0, 65536}, d_levels(1) { fill_slices(); }

cdf_table::cdf_table(const std::int32_t* cdf, std::size_t entries) : d_bounds{}
{
    check_cdf(cdf, entries);
    if (entries > max_levels + 1)
        throw std::invalid_argument("cdf_table: an alphabet of " +
                                    std::to_string(entries - 1) +
                                    " symbols found, expected at most 256");
    d_levels = static_cast<std::uint32_t>(entries - 1);
    std::copy(cdf, cdf + entries, d_bounds);
    fill_slices();
}

void cdf_table::fill_slices() noexcept
{
    unsigned symbol = 0;
    for (unsigned slice = 0; slice < 256; ++slice) {
        while (d_bounds[symbol + 1] <= slice * 256)
            ++symbol;
        const std::uint32_t begin = d_bounds[symbol];
        const std::uint32_t end = d_bounds[symbol + 1];
        d_first_symbols[slice] = static_cast<std::uint8_t>(symbol);
        d_first_ranges[slice] = {static_cast<std::uint16_t>(begin),
                                 static_cast<std::uint16_t>(end - 1),
                                 inverse(end - begin)};
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

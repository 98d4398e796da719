/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/coding/range_coder.h>

namespace gr {
namespace fewbit {
namespace algorithms {

// The rare paths, out of line so that the frequent ones stay small.

std::uint8_t* range_encoder::write_at_the_end(std::uint8_t* out,
                                              std::uint8_t* end,
                                              std::uint64_t left,
                                              int n) noexcept
{
    for (int i = 0; i < n && out < end; ++i)
        *out++ = static_cast<std::uint8_t>(left >> (56 - 8 * i));
    return out;
}

std::uint64_t range_decoder::read_at_the_end(const std::uint8_t* next,
                                             const std::uint8_t* end) noexcept
{
    std::uint64_t word = 0;
    for (int shift = 56; shift >= 0 && next < end; shift -= 8)
        word |= static_cast<std::uint64_t>(*next++) << shift;
    return word;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

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

std::uint64_t range_decoder::last_bytes(const std::uint8_t* in, std::size_t n) noexcept
{
    if (n >= 8)
        return detail::load_big_endian(in + n - 8);
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < n; ++i)
        word = word << 8 | in[i];
    return word;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

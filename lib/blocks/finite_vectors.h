/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_FINITE_VECTORS_H
#define INCLUDED_FEWBIT_BLOCKS_FINITE_VECTORS_H

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace gr {
namespace fewbit {

//! Whether all of \p n floats are finite. By their bits, so that no flag of the compiler
//! can take the test away, and without a branch, so that it is vectorised.
inline bool are_finite(const float* x, std::size_t n) noexcept
{
    constexpr std::uint32_t exponent = 0x7f800000u;
    std::uint32_t found = 0;
    for (std::size_t i = 0; i < n; ++i) {
        std::uint32_t bits;
        std::memcpy(&bits, x + i, sizeof bits);
        found |= (bits & exponent) == exponent;
    }
    return found == 0;
}

//! How many of \p n_vectors vectors of \p n floats hold NaN or infinity.
inline std::uint64_t
count_not_finite(const float* x, std::size_t n_vectors, std::size_t n) noexcept
{
    if (are_finite(x, n_vectors * n))
        return 0;
    std::uint64_t count = 0;
    for (std::size_t v = 0; v < n_vectors; ++v)
        count += !are_finite(x + v * n, n);
    return count;
}

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_FINITE_VECTORS_H */

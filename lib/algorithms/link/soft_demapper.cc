/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/link/qam_mapper.h>
#include <gnuradio/fewbit/algorithms/link/soft_demapper.h>

#include "constellation.h"
#include "kernels/qam_llrs.h"
#include <algorithm>
#include <cstring>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr std::size_t chunk = kernels::qam_llrs_chunk;

// \p noise(i) is the noise variance of symbol i.
template <typename Noise>
std::size_t demap_chunks(const kernels::qam_llrs_axis& axis,
                         const std::complex<float>* y,
                         const std::complex<float>* h,
                         Noise noise,
                         std::size_t n,
                         float* llrs) noexcept
{
    kernels::qam_llrs_memory memory;
    std::size_t erased = 0;
    for (std::size_t from = 0; from < n; from += chunk) {
        const std::size_t m = std::min(chunk, n - from);
        if (m < chunk) { // lanes beyond the end demap zeros
            std::memset(memory.y, 0, sizeof(memory.y));
            std::memset(memory.h, 0, sizeof(memory.h));
        }
        std::memcpy(memory.y, y + from, m * sizeof(*y));
        std::memcpy(memory.h, h + from, m * sizeof(*h));
        for (std::size_t i = 0; i < chunk; ++i)
            memory.noise[i] = i < m ? noise(from + i) : 1.0f;
        erased += kernels::qam_llrs(axis, memory, m);
        for (std::size_t i = 0; i < m; ++i)
            for (unsigned k = 0; k < axis.bits; ++k) {
                *llrs++ = memory.llrs[0][k][i];
                *llrs++ = memory.llrs[1][k][i];
            }
    }
    return erased;
}

} // namespace

soft_demapper::soft_demapper(unsigned bits_per_symbol, demap_method method)
    : d_bits_per_symbol(bits_per_symbol), d_method(method)
{
    check_bits_per_symbol("soft_demapper", bits_per_symbol);
    const qam_mapper mapper(bits_per_symbol);
    std::copy(mapper.levels().begin(), mapper.levels().end(), d_levels.begin());
}

std::size_t soft_demapper::demap(const std::complex<float>* y,
                                 const std::complex<float>* h,
                                 float noise_variance,
                                 std::size_t n,
                                 float* llrs) const noexcept
{
    const kernels::qam_llrs_axis axis{d_bits_per_symbol / 2,
                                      d_method == demap_method::exact,
                                      llr_limit,
                                      d_levels.data()};
    return demap_chunks(
        axis, y, h, [=](std::size_t) { return noise_variance; }, n, llrs);
}

std::size_t soft_demapper::demap(const std::complex<float>* y,
                                 const std::complex<float>* h,
                                 const float* noise_variances,
                                 std::size_t n,
                                 float* llrs) const noexcept
{
    const kernels::qam_llrs_axis axis{d_bits_per_symbol / 2,
                                      d_method == demap_method::exact,
                                      llr_limit,
                                      d_levels.data()};
    return demap_chunks(
        axis, y, h, [=](std::size_t i) { return noise_variances[i]; }, n, llrs);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/link/qam_mapper.h>

#include "constellation.h"
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

// The axis' formula from its last bit to its first; \p bits has the first bit highest.
float amplitude(unsigned bits, unsigned n_bits)
{
    float inner = 0.0f;
    for (unsigned k = 0; k < n_bits; ++k) {
        const float c = 1.0f - 2.0f * static_cast<float>((bits >> k) & 1u);
        inner = k == 0 ? c : c * (static_cast<float>(1u << k) - inner);
    }
    return inner;
}

// Mean energy of 2^K points on the odd integers: 2 (2^K - 1) / 3.
float scale(unsigned bits_per_symbol)
{
    return 1.0f /
           std::sqrt(2.0f * static_cast<float>((1u << bits_per_symbol) - 1) / 3.0f);
}

} // namespace

qam_mapper::qam_mapper(unsigned bits_per_symbol) : d_bits_per_symbol(bits_per_symbol)
{
    check_bits_per_symbol("qam_mapper", bits_per_symbol);
    const unsigned axis_bits = bits_per_symbol / 2;
    for (unsigned v = 0; v < 1u << axis_bits; ++v)
        d_levels.push_back(amplitude(v, axis_bits) * scale(bits_per_symbol));
    for (unsigned v = 0; v < 1u << bits_per_symbol; ++v) {
        unsigned i = 0, q = 0;
        for (unsigned k = bits_per_symbol; k > 0; k -= 2) {
            i = i << 1 | ((v >> (k - 1)) & 1u);
            q = q << 1 | ((v >> (k - 2)) & 1u);
        }
        d_points.emplace_back(d_levels[i], d_levels[q]);
    }
}

void qam_mapper::map(const std::uint8_t* bits,
                     std::size_t n_symbols,
                     std::complex<float>* symbols) const noexcept
{
    for (std::size_t s = 0; s < n_symbols; ++s) {
        unsigned v = 0;
        for (unsigned k = 0; k < d_bits_per_symbol; ++k)
            v = v << 1 | (*bits++ & 1u);
        symbols[s] = d_points[v];
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

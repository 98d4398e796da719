/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/detection/soft_output.h"

#include <gnuradio/fewbit/algorithms/link/qam_mapper.h>
#include <algorithm>
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

// Axis bits, first bit highest, to their places in a label: every other bit.
std::uint8_t spread(unsigned axis_bits, unsigned n_bits, unsigned offset)
{
    unsigned label = 0;
    for (unsigned k = 0; k < n_bits; k++)
        label |= (axis_bits >> k & 1u) << (2 * k + offset);
    return static_cast<std::uint8_t>(label);
}

} // namespace

soft_output::soft_output(std::size_t users, unsigned bits_per_symbol)
    : d_users(users),
      d_levels(1 << bits_per_symbol / 2),
      d_scale(std::sqrt(2.0f * static_cast<float>(d_levels * d_levels - 1) / 3.0f)),
      d_demapper(bits_per_symbol),
      d_symbols(users),
      d_ones(users, 1.0f),
      d_variance(users)
{
    const qam_mapper mapper(bits_per_symbol);
    for (unsigned bits = 0; bits < mapper.levels().size(); bits++) {
        const float level = mapper.levels()[bits] * d_scale;
        const auto index = std::lround((level + static_cast<float>(d_levels - 1)) / 2);
        d_axis_bits[index] = static_cast<std::uint8_t>(bits);
        d_i_label[index] = spread(bits, bits_per_symbol / 2, 1);
        d_q_label[index] = spread(bits, bits_per_symbol / 2, 0);
    }
}

void soft_output::labels(const float* o, std::uint8_t* labels) const noexcept
{
    for (std::size_t i = 0; i < d_users; i++)
        labels[i] = label(level(o[i]), level(o[d_users + i]));
}

void soft_output::symbols(const float* o, std::complex<float>* symbols) const noexcept
{
    const float inverse = 1.0f / d_scale;
    for (std::size_t i = 0; i < d_users; i++)
        symbols[i] = {o[i] * inverse, o[d_users + i] * inverse};
}

void soft_output::llrs(const float* o, const float* variance, float* llrs) noexcept
{
    symbols(o, d_symbols.data());
    const float to_complex = 2.0f / (d_scale * d_scale);
    for (std::size_t i = 0; i < d_users; i++)
        d_variance[i] = to_complex * variance[i];
    d_demapper.demap(d_symbols.data(), d_ones.data(), d_variance.data(), d_users, llrs);
}

void soft_output::axis_llrs(const float* o, const float* variance, float* llrs) noexcept
{
    symbols(o, d_symbols.data());
    const float to_complex = 2.0f / (d_scale * d_scale);
    const unsigned bits = bits_per_symbol();
    for (std::size_t i = 0; i < d_users; i++) {
        const auto ask = [&](std::size_t axis, std::array<float, 8>& found) {
            const float noise = to_complex * variance[axis * d_users + i];
            d_demapper.demap(&d_symbols[i], d_ones.data(), noise, 1, found.data());
        };
        std::array<float, 8> of_i, of_q;
        ask(0, of_i);
        ask(1, of_q);
        for (unsigned k = 0; k < bits; k++)
            *llrs++ = k % 2 ? of_q[k] : of_i[k];
    }
}

void soft_output::list_llrs(const float* least,
                            float otherwise,
                            float factor,
                            float* llrs) const noexcept
{
    constexpr float found = 1e29f;
    const unsigned half = bits_per_symbol() / 2;
    const auto n_levels = static_cast<std::size_t>(d_levels);
    for (std::size_t i = 0; i < 2 * d_users; i++)
        for (unsigned k = 0; k < half; k++) {
            float of_bit[2] = {found, found};
            for (std::size_t l = 0; l < n_levels; l++) {
                float& one = of_bit[d_axis_bits[l] >> (half - 1 - k) & 1u];
                one = std::min(one, least[i * n_levels + l]);
            }
            for (float& one : of_bit)
                one = one < found ? one : otherwise;
            const float llr = factor * (of_bit[0] - of_bit[1]);
            float& to = llrs[i % d_users * 2 * half + 2 * k + i / d_users];
            to = llr == llr ? std::clamp(llr, -64.0f, 64.0f) : 0.0f;
        }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

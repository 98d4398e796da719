/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/detection/real_channel.h"

#include <algorithm>
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

channel_units::channel_units(double energy,
                             float noise_variance,
                             const detector_size& size) noexcept
    : s(energy > 0 ? std::sqrt(static_cast<double>(size.users) / energy) : 1.0)
{
    const double of_symbol = (static_cast<double>(1u << size.bits_per_symbol) - 1) / 3;
    scale = s * std::sqrt(2 * of_symbol);
    ridge = std::max(s * s * static_cast<double>(noise_variance), least_ridge);
    variance = ridge * of_symbol;
    usable = std::isfinite(static_cast<float>(scale)) && ridge < 1e30;
}

real_channel::real_channel(const detector_size& size)
    : d_size(size),
      d_rows(2 * size.antennas),
      d_columns(2 * size.users),
      d_matrix(d_rows * d_columns)
{
}

bool real_channel::take(const std::complex<float>* h, float noise_variance) noexcept
{
    const std::size_t m = d_rows / 2, k = d_columns / 2;
    double energy = 0;
    for (std::size_t i = 0; i < m * k; i++) {
        const double re = h[i].real(), im = h[i].imag();
        energy += re * re + im * im;
    }
    d_units = {energy, noise_variance, d_size};
    for (std::size_t i = 0; i < m; i++)
        for (std::size_t j = 0; j < k; j++) {
            const double re = d_units.s * h[i * k + j].real();
            const double im = d_units.s * h[i * k + j].imag();
            d_matrix[j * d_rows + i] = d_matrix[(k + j) * d_rows + m + i] = re;
            d_matrix[j * d_rows + m + i] = im;
            d_matrix[(k + j) * d_rows + i] = -im;
        }
    return d_units.usable;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

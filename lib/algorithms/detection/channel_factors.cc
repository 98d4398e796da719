/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/detection/channel_factors.h"

namespace gr {
namespace fewbit {
namespace algorithms {

channel_factors::channel_factors(const detector_size& size)
    : d_size(size), d_qr(size.antennas, size.users)
{
}

channel_factors::units channel_factors::factor_lanes(const std::complex<float>* h,
                                                     const float* noise_variances,
                                                     std::size_t n,
                                                     std::uint8_t* usable) noexcept
{
    d_qr.load(h, n);
    units found;
    double scales[lanes], ridges[lanes];
    for (std::size_t l = 0; l < lanes; l++) {
        if (l < n && usable[l]) {
            found[l] = {d_qr.energy(l), noise_variances[l], d_size};
            usable[l] = found[l].usable;
        }
        scales[l] = found[l].s;
        ridges[l] = found[l].ridge;
    }
    d_qr.factor(scales, ridges);
    return found;
}

// All lanes' values of a place stand side by side, so the lanes come innermost.
void channel_factors::put_filters(std::size_t n,
                                  const units& of,
                                  std::size_t padded,
                                  float* filters) const noexcept
{
    const std::size_t inputs = 2 * d_size.antennas, columns = 2 * d_size.users;
    std::array<float, lanes> scales;
    for (std::size_t l = 0; l < n; l++)
        scales[l] = static_cast<float>(of[l].scale);
    for (std::size_t j = 0; j < inputs; j++)
        for (std::size_t i = 0; i < columns; i++)
            for (std::size_t l = 0; l < n; l++)
                filters[(l * inputs + j) * padded + i] = scales[l] * d_qr.q(l, j, i);
}

void channel_factors::put_rows(std::size_t n,
                               float* rows,
                               std::size_t stride) const noexcept
{
    const std::size_t columns = 2 * d_size.users;
    for (std::size_t i = 0; i < columns; i++)
        for (std::size_t j = i; j < columns; j++, rows++)
            for (std::size_t l = 0; l < n; l++)
                rows[l * stride] = static_cast<float>(d_qr.r(l, i, j));
}

void channel_factors::put_order(std::size_t n, std::uint16_t* places) const noexcept
{
    const std::size_t columns = 2 * d_size.users;
    for (std::size_t l = 0; l < n; l++)
        for (std::size_t i = 0; i < columns; i++)
            places[l * columns + i] = static_cast<std::uint16_t>(d_qr.column(l, i));
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

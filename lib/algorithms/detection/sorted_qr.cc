/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/detection/sorted_qr.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

// Four sums, which the compiler may keep in one register.
double dot(const double* a, const double* b, std::size_t n)
{
    double sums[4] = {};
    std::size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (std::size_t j = 0; j < 4; j++)
            sums[j] += a[i + j] * b[i + j];
    for (; i < n; i++)
        sums[0] += a[i] * b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

} // namespace

sorted_qr::sorted_qr(const detector_size& size)
    : d_rows(2 * size.antennas),
      d_columns(2 * size.users),
      d_q(d_columns * d_rows),
      d_r(d_columns * d_columns),
      d_norms(d_columns),
      d_order(d_columns)
{
}

void sorted_qr::swap_columns(std::size_t i, std::size_t j) noexcept
{
    if (i == j)
        return;
    std::swap_ranges(d_q.begin() + i * d_rows,
                     d_q.begin() + (i + 1) * d_rows,
                     d_q.begin() + j * d_rows);
    for (std::size_t row = 0; row < i; row++)
        std::swap(d_r[row * d_columns + i], d_r[row * d_columns + j]);
    std::swap(d_norms[i], d_norms[j]);
    std::swap(d_order[i], d_order[j]);
}

void sorted_qr::factor(const real_channel& channel) noexcept
{
    const std::size_t n = d_columns;
    std::iota(d_order.begin(), d_order.end(), std::size_t{0});
    std::fill(d_r.begin(), d_r.end(), 0.0);
    std::copy_n(channel.matrix().begin(), n * d_rows, d_q.begin());
    for (std::size_t i = 0; i < n; i++)
        d_norms[i] = dot(d_q.data() + i * d_rows, d_q.data() + i * d_rows, d_rows);
    for (std::size_t i = 0; i < n; i++) {
        const auto shortest = std::min_element(d_norms.begin() + i, d_norms.end());
        swap_columns(i, static_cast<std::size_t>(shortest - d_norms.begin()));
        double* const column = d_q.data() + i * d_rows;
        const double norm = std::sqrt(dot(column, column, d_rows));
        d_r[i * n + i] = norm;
        const double inverse = norm > 0 ? 1 / norm : 0.0;
        for (std::size_t e = 0; e < d_rows; e++)
            column[e] *= inverse;
        for (std::size_t j = i + 1; j < n; j++) {
            double* const other = d_q.data() + j * d_rows;
            const double share = dot(column, other, d_rows);
            d_r[i * n + j] = share;
            for (std::size_t e = 0; e < d_rows; e++)
                other[e] -= share * column[e];
            d_norms[j] -= share * share;
        }
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

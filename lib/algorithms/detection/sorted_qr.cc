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
      d_extended(d_rows + d_columns),
      d_q(d_columns * d_extended),
      d_r(d_columns * d_columns),
      d_norms(d_columns),
      d_order(d_columns),
      d_errors(d_columns * d_columns)
{
}

void sorted_qr::swap_columns(std::size_t i, std::size_t j) noexcept
{
    if (i == j)
        return;
    std::swap_ranges(d_q.begin() + i * d_extended,
                     d_q.begin() + (i + 1) * d_extended,
                     d_q.begin() + j * d_extended);
    for (std::size_t row = 0; row < i; row++)
        std::swap(d_r[row * d_columns + i], d_r[row * d_columns + j]);
    std::swap(d_norms[i], d_norms[j]);
    std::swap(d_order[i], d_order[j]);
}

// A = (H^T H + ridge I)^-1 by Gauss-Jordan; whoever has the least error is detected next, that
// is, goes to the last free place; A without it is A - a a^T / a_jj.
void sorted_qr::order_by_errors(const real_channel& channel, double ridge) noexcept
{
    const std::size_t n = d_columns;
    double* const a = d_errors.data();
    for (std::size_t i = 0; i < n; i++)
        for (std::size_t j = 0; j < n; j++)
            a[i * n + j] = dot(channel.matrix().data() + i * d_rows,
                               channel.matrix().data() + j * d_rows,
                               d_rows) +
                           (i == j ? ridge : 0.0);
    for (std::size_t p = 0; p < n; p++) { // in place; positive definite, so no pivoting
        const double inverse = 1 / a[p * n + p];
        for (std::size_t j = 0; j < n; j++)
            a[p * n + j] *= j == p ? 0.0 : inverse;
        a[p * n + p] = inverse;
        for (std::size_t i = 0; i < n; i++) {
            if (i == p)
                continue;
            const double factor = a[i * n + p];
            a[i * n + p] = 0;
            for (std::size_t j = 0; j < n; j++)
                a[i * n + j] -= factor * a[p * n + j];
        }
    }
    // d_norms marks who is taken. I and Q of a user err alike: the first is taken.
    constexpr double alike = 1 - 1e-9;
    std::fill(d_norms.begin(), d_norms.end(), 0.0);
    for (std::size_t place = n; place-- > 0;) {
        std::size_t best = n;
        for (std::size_t j = 0; j < n; j++)
            if (d_norms[j] == 0 &&
                (best == n || a[j * n + j] < alike * a[best * n + best]))
                best = j;
        d_norms[best] = 1;
        d_order[place] = best;
        const double inverse = 1 / a[best * n + best];
        for (std::size_t i = 0; i < n; i++) {
            if (d_norms[i] != 0)
                continue;
            const double factor = a[i * n + best] * inverse;
            for (std::size_t j = 0; j < n; j++)
                if (d_norms[j] == 0)
                    a[i * n + j] -= factor * a[best * n + j];
        }
    }
}

void sorted_qr::factor(const real_channel& channel, double ridge, order by) noexcept
{
    const std::size_t n = d_columns;
    std::iota(d_order.begin(), d_order.end(), std::size_t{0});
    if (by == order::errors)
        order_by_errors(channel, ridge);
    std::fill(d_q.begin(), d_q.end(), 0.0);
    std::fill(d_r.begin(), d_r.end(), 0.0);
    for (std::size_t i = 0; i < n; i++) {
        double* const column = d_q.data() + i * d_extended;
        std::copy_n(channel.matrix().data() + d_order[i] * d_rows, d_rows, column);
        column[d_rows + i] = std::sqrt(ridge);
        d_norms[i] = dot(column, column, d_extended);
    }
    for (std::size_t i = 0; i < n; i++) {
        if (by == order::norms)
            swap_columns(i,
                         static_cast<std::size_t>(
                             std::min_element(d_norms.begin() + i, d_norms.end()) -
                             d_norms.begin()));
        double* const column = d_q.data() + i * d_extended;
        const double norm = std::sqrt(dot(column, column, d_extended));
        d_r[i * n + i] = norm;
        const double inverse = norm > 0 ? 1 / norm : 0.0;
        for (std::size_t e = 0; e < d_extended; e++)
            column[e] *= inverse;
        for (std::size_t j = i + 1; j < n; j++) {
            double* const other = d_q.data() + j * d_extended;
            const double share = dot(column, other, d_extended);
            d_r[i * n + j] = share;
            for (std::size_t e = 0; e < d_extended; e++)
                other[e] -= share * column[e];
            d_norms[j] -= share * share;
        }
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

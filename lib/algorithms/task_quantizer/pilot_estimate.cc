/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/pilot_estimate.h>

#include "algorithms/task_quantizer/linear_algebra.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

bool all_finite(const float* values, std::size_t n)
{
    return std::all_of(values, values + n, [](float v) { return std::isfinite(v); });
}

double residual_energy(const matrix& h, const float* x, const float* s)
{
    double energy = 0;
    for (std::size_t r = 0; r < h.rows; r++) {
        double left = x[r];
        for (std::size_t i = 0; i < h.columns; i++)
            left -= h.at(r, i) * s[i];
        energy += left * left;
    }
    return energy;
}

} // namespace

channel_estimate pilot_estimate(const float* x,
                                const float* s,
                                std::size_t n_pilots,
                                std::size_t n,
                                std::size_t k)
{
    if (n < 1 || n > 1024 || k < 1 || k > 1024)
        throw std::invalid_argument("pilot_estimate: n is " + std::to_string(n) +
                                    " and k " + std::to_string(k) +
                                    ", expected 1 to 1024");
    channel_estimate found;
    matrix normal(k, k), cross(n, k);
    for (std::size_t t = 0; t < n_pilots; t++) {
        const float *xt = x + t * n, *st = s + t * k;
        if (!all_finite(xt, n) || !all_finite(st, k))
            continue;
        found.pilots++;
        for (std::size_t i = 0; i < k; i++) {
            for (std::size_t j = 0; j <= i; j++)
                normal.at(i, j) += static_cast<double>(st[i]) * st[j];
            for (std::size_t r = 0; r < n; r++)
                cross.at(r, i) += static_cast<double>(xt[r]) * st[i];
        }
    }
    if (found.pilots < k + 1)
        return found;
    if (!cholesky(normal.values.data(), k)) {
        found.status = refit_status::singular;
        return found;
    }
    for (std::size_t r = 0; r < n; r++)
        cholesky_solve(normal.values.data(), k, &cross.at(r, 0));
    double energy = 0;
    for (std::size_t t = 0; t < n_pilots; t++)
        if (all_finite(x + t * n, n) && all_finite(s + t * k, k))
            energy += residual_energy(cross, x + t * n, s + t * k);
    found.status = refit_status::ok;
    found.channel = std::move(cross);
    found.noise_variance = energy / static_cast<double>(n * (found.pilots - k));
    return found;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

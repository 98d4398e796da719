/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/gaussian_shape.h"

#include "algorithms/task_quantizer/linear_algebra.h"
#include "algorithms/task_quantizer/normal_cells.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr double impossible = -1e5; // of a logarithm of a probability, or less
constexpr double least_weight = 1e-9;

double log_add(double a, double b)
{
    const double larger = std::max(a, b), smaller = std::min(a, b);
    return std::isinf(larger) ? larger : larger + std::log1p(std::exp(smaller - larger));
}

// One ADC's part of the table: log P(code | class) up to a constant a class.
struct column {
    const float* first;
    std::size_t classes;
    unsigned levels;

    double at(unsigned code, std::size_t c) const { return first[code * classes + c]; }

    //! The quantile of P(code <= i | class); infinite where nothing can be said.
    double quantile(unsigned i, std::size_t c) const
    {
        double below = -std::numeric_limits<double>::infinity(), above = below;
        for (unsigned code = 0; code < levels; code++) {
            double& side = code <= i ? below : above;
            side = log_add(side, at(code, c));
        }
        const double total = log_add(below, above);
        const double tail = std::min(below, above) - total;
        if (!(tail > impossible))
            return std::numeric_limits<double>::infinity();
        const double beyond = normal_quantile(tail);
        return below < above ? -beyond : beyond;
    }
};

std::vector<double> thresholds_of(const column& adc, std::size_t users)
{
    const std::size_t n_t = adc.levels - 1, n = n_t + users;
    std::vector<double> normal(n * n), x(n);
    for (unsigned i = 0; i < n_t; i++)
        for (std::size_t c = 0; c < adc.classes; c++) {
            const double u = adc.quantile(i, c);
            if (std::isinf(u))
                continue;
            const double weight = std::exp(-0.5 * u * u) + least_weight;
            // u = t_i - sum B_j s_j; users stand behind the thresholds
            normal[i * n + i] += weight;
            x[i] += weight * u;
            for (std::size_t j = 0; j < users; j++) {
                const double s = c >> j & 1 ? 1 : -1; // of -s_j
                double* row = normal.data() + (n_t + j) * n;
                row[i] += weight * s;
                x[n_t + j] += weight * s * u;
                for (std::size_t l = 0; l <= j; l++)
                    row[n_t + l] += weight * s * (c >> l & 1 ? 1 : -1);
            }
        }
    double largest = least_weight;
    for (std::size_t i = 0; i < n; i++)
        largest = std::max(largest, normal[i * (n + 1)]);
    for (std::size_t i = 0; i < n; i++)
        normal[i * (n + 1)] += 1e-12 * largest;
    if (!cholesky(normal.data(), n))
        std::fill(x.begin(), x.end(), 0.0);
    else
        cholesky_solve(normal.data(), n, x.data());
    x.resize(n_t);
    std::sort(x.begin(), x.end());
    return x;
}

} // namespace

std::vector<double> normalised_thresholds(const digital_map& lookup)
{
    std::vector<double> all;
    const float* first = lookup.log_likelihood().data();
    for (const unsigned m : lookup.levels()) {
        const auto some = thresholds_of({first, lookup.classes(), m}, lookup.outputs());
        all.insert(all.end(), some.begin(), some.end());
        first += m * lookup.classes();
    }
    return all;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/normal_cells.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double root_half = 0.70710678118654752440;
constexpr double log_root_two_pi = 0.91893853320467274178;

// x Q(x) / phi(x) by its continued fraction, Abramowitz and Stegun 26.2.14, from below:
// Q(x) = phi(x) / (x + 1/(x + 2/(x + 3/(x + ...)))). 60 terms are exact to 1e-15 from x = 5.
double tail_denominator(double x) noexcept
{
    double f = x;
    for (int i = 60; i > 0; i--)
        f = x + i / f;
    return f;
}

} // namespace

double log_normal_tail(double x) noexcept
{
    if (x == infinity)
        return -infinity;
    if (x < 5)
        return std::log(0.5 * std::erfc(x * root_half));
    return -0.5 * x * x - log_root_two_pi - std::log(tail_denominator(x));
}

double normal_quantile(double log_p) noexcept
{
    // log Q falls and is concave: from beyond the root, Newton's steps stay beyond it.
    double x = std::sqrt(std::max(0.0, -2 * log_p)) + 1e-3;
    for (int i = 0; i < 50; i++) {
        const double log_q = log_normal_tail(x);
        const double slope = -std::exp(-0.5 * x * x - log_root_two_pi - log_q);
        const double step = (log_q - log_p) / slope;
        x -= step;
        if (std::abs(step) <= 1e-13 * (1 + std::abs(x)))
            break;
    }
    return x;
}

double log_normal_cell(double lower, double upper) noexcept
{
    if (!(lower < upper))
        return -infinity;
    if (lower < 0 && upper > 0) // two tails are missing, none near 1
        return std::log1p(-0.5 * std::erfc(-lower * root_half) -
                          0.5 * std::erfc(upper * root_half));
    if (upper <= 0) // mirrored into the upper tail
        return log_normal_cell(-upper, -lower);
    const double from = log_normal_tail(lower);
    return from + std::log(-std::expm1(log_normal_tail(upper) - from));
}

double normal_cell(double lower, double upper) noexcept
{
    if (!(lower < upper))
        return 0;
    if (lower > 0) // both tails are small numbers on this side
        return 0.5 * (std::erfc(lower * root_half) - std::erfc(upper * root_half));
    return 0.5 * (std::erfc(-upper * root_half) - std::erfc(-lower * root_half));
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/grouped_gaussian.h"

#include "algorithms/task_quantizer/linear_algebra.h"
#include "algorithms/task_quantizer/normal_cells.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double log_root_two_pi = 0.91893853320467274178;
constexpr int most_steps = 50;

// phi(x) / P, worked out from logarithms: both are tiny in the tails.
double density_ratio(double x, double log_p) noexcept
{
    return std::isinf(x) ? 0 : std::exp(-0.5 * x * x - log_root_two_pi - log_p);
}

} // namespace

// A cell's edges in deviations from the class' mean, and its features (s, 1).
struct grouped_gaussian::cell {
    double lower, upper;     // edges
    double lower_t, upper_t; // their thresholds, 0 where infinite
    vector features;         // -(s, 1)
};

grouped_gaussian::cell grouped_gaussian::cell_at(const vector& theta,
                                                 unsigned code,
                                                 std::size_t class_) const noexcept
{
    cell one{-infinity, infinity, 0, 0, {}};
    double mean = 0;
    for (std::size_t i = 0; i <= d_users; i++) {
        one.features[i] = i < d_users && class_ >> i & 1 ? 1.0 : -1.0;
        mean -= theta[i] * one.features[i];
    }
    const double inverse = theta[d_users + 1];
    if (code > 0) {
        one.lower_t = d_thresholds[code - 1];
        one.lower = inverse * one.lower_t - mean;
    }
    if (code + 1 < d_levels) {
        one.upper_t = d_thresholds[code];
        one.upper = inverse * one.upper_t - mean;
    }
    return one;
}

double grouped_gaussian::log_probability(unsigned code, std::size_t class_) const noexcept
{
    const cell one = cell_at(d_theta, code, class_);
    return log_normal_cell(one.lower, one.upper);
}

double grouped_gaussian::likelihood(const vector& theta,
                                    const double* counts) const noexcept
{
    double sum = 0;
    for (unsigned code = 0; code < d_levels; code++)
        for (std::size_t c = 0; c < std::size_t{1} << d_users; c++) {
            const double count = counts[(code << d_users) + c];
            if (!(count > 0))
                continue;
            const cell one = cell_at(theta, code, c);
            sum += count * log_normal_cell(one.lower, one.upper);
        }
    return sum;
}

// Each code's middle stands for its inputs: class means, a line through them, what is left.
bool grouped_gaussian::begin(const double* counts) noexcept
{
    const std::size_t classes = std::size_t{1} << d_users;
    const double *first = d_thresholds, *last = d_thresholds + d_levels - 2;
    const double beyond = d_levels > 2 ? (*last - *first) / (d_levels - 2.0) / 2 : 1.0;
    const auto middle = [&](unsigned code) -> double {
        if (code == 0)
            return *first - beyond;
        return code + 1 == d_levels ? *last + beyond
                                    : 0.5 * (d_thresholds[code - 1] + d_thresholds[code]);
    };
    double total = 0, squares = 0;
    vector line{};
    for (std::size_t c = 0; c < classes; c++) {
        double n = 0, sum = 0;
        for (unsigned code = 0; code < d_levels; code++) {
            const double count = counts[(code << d_users) + c], z = middle(code);
            n += count;
            sum += count * z;
            squares += count * z * z;
        }
        if (!(n > 0))
            return false;
        total += n;
        squares -= sum * sum / n;
        for (std::size_t i = 0; i <= d_users; i++)
            line[i] += (i < d_users && c >> i & 1 ? -1 : 1) * sum / n / classes;
    }
    const double deviation =
        std::sqrt(std::max(squares / total, 0.05 * beyond * beyond + 1e-30));
    for (std::size_t i = 0; i <= d_users; i++)
        d_theta[i] = line[i] / deviation;
    d_theta[d_users + 1] = 1 / deviation;
    return std::isfinite(deviation) && std::isfinite(total);
}

// Of the negative log-likelihood; the curvature is the lower triangle of its Hessian.
void grouped_gaussian::derivatives(const double* counts,
                                   vector& gradient,
                                   square& curvature) const noexcept
{
    const std::size_t n = unknowns();
    gradient.fill(0);
    curvature.fill(0);
    for (unsigned code = 0; code < d_levels; code++)
        for (std::size_t c = 0; c < std::size_t{1} << d_users; c++) {
            const double count = counts[(code << d_users) + c];
            const cell one = cell_at(d_theta, code, c);
            const double log_p = log_normal_cell(one.lower, one.upper);
            if (!(count > 0) || !std::isfinite(log_p))
                continue;
            const double u = density_ratio(one.upper, log_p);
            const double l = density_ratio(one.lower, log_p);
            const double uu = u * u + (std::isinf(one.upper) ? 0 : one.upper * u);
            const double ll = l * l - (std::isinf(one.lower) ? 0 : one.lower * l);
            vector upper = one.features, lower = one.features; // of the edges, by theta
            upper[n - 1] = one.upper_t;
            lower[n - 1] = one.lower_t;
            for (std::size_t i = 0; i < n; i++) {
                gradient[i] -= count * (u * upper[i] - l * lower[i]);
                for (std::size_t j = 0; j <= i; j++)
                    curvature[i * n + j] +=
                        count * (uu * upper[i] * upper[j] + ll * lower[i] * lower[j] -
                                 u * l * (upper[i] * lower[j] + lower[i] * upper[j]));
            }
        }
}

// One step of Newton's, halved until it helps; false when none does.
bool grouped_gaussian::step(const double* counts, double& value) noexcept
{
    const std::size_t n = unknowns();
    vector gradient;
    square curvature;
    derivatives(counts, gradient, curvature);
    double largest = 0;
    for (std::size_t i = 0; i < n; i++)
        largest = std::max(largest, curvature[i * (n + 1)]);
    for (std::size_t i = 0; i < n; i++)
        curvature[i * (n + 1)] += 1e-9 * largest;
    if (d_levels == 2) { // the scale stays
        for (std::size_t i = 0; i + 1 < n; i++)
            curvature[(n - 1) * n + i] = 0;
        gradient[n - 1] = 0;
    }
    if (!cholesky(curvature.data(), n))
        return false;
    cholesky_solve(curvature.data(), n, gradient.data());
    for (double length = 1; length > 1e-4; length *= 0.5) {
        vector next = d_theta;
        for (std::size_t i = 0; i < n; i++)
            next[i] -= length * gradient[i];
        const double there = next[n - 1] > 0 ? likelihood(next, counts) : -infinity;
        if (there > value) {
            const bool settled = there - value <= 1e-9 * (1 + std::abs(value));
            d_theta = next;
            value = there;
            return !settled;
        }
    }
    return false;
}

bool grouped_gaussian::fit(const double* counts) noexcept
{
    if (!begin(counts))
        return false;
    double value = likelihood(d_theta, counts);
    if (!std::isfinite(value))
        return false;
    for (int i = 0; i < most_steps && step(counts, value); i++)
        continue;
    return std::all_of(
        d_theta.begin(), d_theta.end(), [](double x) { return std::isfinite(x); });
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

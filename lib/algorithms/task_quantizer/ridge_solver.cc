/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/ridge_solver.h"

#include "algorithms/task_quantizer/linear_algebra.h"
#include <algorithm>
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

ridge_solver::ridge_solver(const digital_map& start)
    : d_adcs(start.adcs()),
      d_outputs(start.outputs()),
      d_features(start.powers() * (d_adcs + 1)),
      d_factor(d_features * d_features),
      d_solution(d_features),
      d_weights(start.weight().size()),
      d_biases(start.bias().size())
{
    for (std::size_t o = 0; o < d_outputs; o++)
        for (unsigned j = 0; j < start.powers(); j++) {
            const std::size_t row = j * d_outputs + o;
            const float* w = start.weight().data() + row * d_adcs;
            d_start.insert(d_start.end(), w, w + d_adcs);
            d_start.push_back(start.bias()[row]);
        }
}

refit_status ridge_solver::factor(const std::vector<double>& normal,
                                  double weight,
                                  double pull) noexcept
{
    std::copy(normal.begin(), normal.end(), d_factor.begin());
    double largest = 0;
    for (std::size_t i = 0; i < d_features; i++)
        largest = std::max(largest, normal[i * (d_features + 1)]);
    if (!std::isfinite(largest) || !std::isfinite(weight))
        return refit_status::not_finite;
    for (std::size_t i = 0; i < d_features; i++) {
        double& diagonal = d_factor[i * (d_features + 1)];
        diagonal += pull * std::max(diagonal, 1e-9 * largest) / weight;
    }
    return cholesky(d_factor.data(), d_features) ? refit_status::ok
                                                 : refit_status::singular;
}

// The change from A_0: the ridge pulls it to 0, and rounding touches the change alone.
void ridge_solver::solve_output(const std::vector<double>& normal,
                                const std::vector<double>& cross,
                                std::size_t output) noexcept
{
    const double* start = d_start.data() + output * d_features;
    for (std::size_t i = 0; i < d_features; i++)
        d_solution[i] = cross[i * d_outputs + output];
    for (std::size_t i = 0; i < d_features; i++)
        for (std::size_t j = 0; j <= i; j++) {
            const double sum = normal[i * d_features + j];
            d_solution[i] -= sum * start[j];
            if (j < i)
                d_solution[j] -= sum * start[i];
        }
    cholesky_solve(d_factor.data(), d_features, d_solution.data());
    for (std::size_t i = 0; i < d_features; i++) {
        const auto value = static_cast<float>(start[i] + d_solution[i]);
        const std::size_t row = i / (d_adcs + 1) * d_outputs + output,
                          d = i % (d_adcs + 1);
        (d < d_adcs ? d_weights[row * d_adcs + d] : d_biases[row]) = value;
    }
}

refit_status ridge_solver::solve(const std::vector<double>& normal,
                                 const std::vector<double>& cross,
                                 double weight,
                                 double pull,
                                 digital_map& map,
                                 const float* level_values) noexcept
{
    const refit_status status = factor(normal, weight, pull);
    if (status != refit_status::ok)
        return status;
    for (std::size_t o = 0; o < d_outputs; o++)
        solve_output(normal, cross, o);
    return map.replace_affine(d_weights.data(), d_biases.data(), level_values)
               ? refit_status::ok
               : refit_status::not_finite;
}

bool is_sound_pilot(const float* s, std::size_t outputs, float gain) noexcept
{
    return gain > 0 && std::isfinite(gain) &&
           std::all_of(s, s + outputs, [](float v) { return std::isfinite(v); });
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

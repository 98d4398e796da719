/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/affine_refit.h>

#include "algorithms/task_quantizer/linear_algebra.h"
#include "algorithms/task_quantizer/pilot_adc.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr double most_scale = 1e12; // before all sums are scaled down

scalar_adc adc_of(const digital_map& map)
{
    if (map.kind() != digital_kind::affine)
        throw std::invalid_argument(
            "affine_refit: the digital map is a lookup or a network, expected an affine "
            "map");
    return adc_of_codes(map);
}

void check(const affine_refit_settings& s)
{
    if (!(s.forgetting > 0 && s.forgetting <= 1))
        throw std::invalid_argument("affine_refit: forgetting is " +
                                    std::to_string(s.forgetting) +
                                    ", expected more than 0 and at most 1");
    if (!(s.ridge >= 0) || !std::isfinite(s.ridge))
        throw std::invalid_argument("affine_refit: ridge is " + std::to_string(s.ridge) +
                                    ", expected 0 or a positive, finite number");
}

} // namespace

affine_refit::affine_refit(const digital_map& start,
                           const affine_refit_settings& settings)
    : d_adc(adc_of(start)),
      d_powers(start.powers()),
      d_outputs(start.outputs()),
      d_features(start.powers() * (start.adcs() + 1)),
      d_settings(settings),
      d_feature(d_features),
      d_normal(d_features * d_features),
      d_cross(d_features * d_outputs),
      d_factor(d_features * d_features),
      d_solution(d_features),
      d_levels(start.adcs()),
      d_weights(start.weight().size()),
      d_biases(start.bias().size())
{
    check(settings);
    const std::size_t p = start.adcs();
    for (std::size_t o = 0; o < d_outputs; o++)
        for (unsigned j = 0; j < d_powers; j++) {
            const std::size_t row = j * d_outputs + o;
            const float* w = start.weight().data() + row * p;
            d_start.insert(d_start.end(), w, w + p);
            d_start.push_back(start.bias()[row]);
        }
}

void affine_refit::reset() noexcept
{
    std::fill(d_normal.begin(), d_normal.end(), 0.0);
    std::fill(d_cross.begin(), d_cross.end(), 0.0);
    d_pilots = 0;
    d_scale = 1;
    d_weight = 0;
}

void affine_refit::set_feature(const std::uint8_t* codes, float gain) noexcept
{
    d_adc.lookup(codes, 1, d_levels.data());
    double power = 1;
    double* f = d_feature.data();
    for (unsigned j = 0; j < d_powers; j++, power /= gain) {
        for (const float q : d_levels)
            *f++ = power * q;
        *f++ = power;
    }
}

// Older pilots weigh less because newer ones weigh more; now and then all are scaled down.
void affine_refit::forget() noexcept
{
    d_scale /= d_settings.forgetting;
    if (d_scale < most_scale)
        return;
    for (double& sum : d_normal)
        sum /= d_scale;
    for (double& sum : d_cross)
        sum /= d_scale;
    d_weight /= d_scale;
    d_scale = 1;
}

std::size_t affine_refit::add(const std::uint8_t* codes,
                              const float* gains,
                              const float* s,
                              std::size_t n) noexcept
{
    std::size_t used = 0;
    for (std::size_t t = 0; t < n; t++, codes += d_adc.adcs(), s += d_outputs) {
        const float gain = gains ? gains[t] : 1.0f;
        if (!(gain > 0) || !std::isfinite(gain) ||
            !std::all_of(s, s + d_outputs, [](float v) { return std::isfinite(v); }))
            continue;
        set_feature(codes, gain);
        for (std::size_t i = 0; i < d_features; i++) {
            const double scaled = d_scale * d_feature[i];
            double* row = d_normal.data() + i * d_features;
            for (std::size_t j = 0; j <= i; j++)
                row[j] += scaled * d_feature[j];
            double* cross = d_cross.data() + i * d_outputs;
            for (std::size_t o = 0; o < d_outputs; o++)
                cross[o] += scaled * s[o];
        }
        d_weight += d_scale;
        used++;
        d_pilots++;
        forget();
    }
    return used;
}

refit_status affine_refit::factor() noexcept
{
    std::copy(d_normal.begin(), d_normal.end(), d_factor.begin());
    double largest = 0;
    for (std::size_t i = 0; i < d_features; i++)
        largest = std::max(largest, d_normal[i * (d_features + 1)]);
    if (!std::isfinite(largest) || !std::isfinite(d_weight))
        return refit_status::not_finite;
    for (std::size_t i = 0; i < d_features; i++) {
        double& diagonal = d_factor[i * (d_features + 1)];
        const double mean = std::max(diagonal, 1e-9 * largest) / d_weight;
        diagonal += d_settings.ridge * newest() * mean;
    }
    return cholesky(d_factor.data(), d_features) ? refit_status::ok
                                                 : refit_status::singular;
}

// The change from A_0: the ridge pulls it to 0, and rounding touches the change alone.
void affine_refit::solve_output(std::size_t output) noexcept
{
    const double* start = d_start.data() + output * d_features;
    for (std::size_t i = 0; i < d_features; i++)
        d_solution[i] = d_cross[i * d_outputs + output];
    for (std::size_t i = 0; i < d_features; i++)
        for (std::size_t j = 0; j <= i; j++) {
            const double sum = d_normal[i * d_features + j];
            d_solution[i] -= sum * start[j];
            if (j < i)
                d_solution[j] -= sum * start[i];
        }
    cholesky_solve(d_factor.data(), d_features, d_solution.data());
    const std::size_t p = d_adc.adcs();
    for (std::size_t i = 0; i < d_features; i++) {
        const auto value = static_cast<float>(start[i] + d_solution[i]);
        const std::size_t row = i / (p + 1) * d_outputs + output, d = i % (p + 1);
        (d < p ? d_weights[row * p + d] : d_biases[row]) = value;
    }
}

refit_status affine_refit::solve(digital_map& map) noexcept
{
    if (map.kind() != digital_kind::affine || map.adcs() != d_adc.adcs() ||
        map.outputs() != d_outputs || map.powers() != d_powers)
        return refit_status::another_map;
    const std::size_t least =
        d_settings.least_pilots ? d_settings.least_pilots : d_features;
    if (d_pilots < least)
        return refit_status::too_few_pilots;
    const refit_status status = factor();
    if (status != refit_status::ok)
        return status;
    for (std::size_t o = 0; o < d_outputs; o++)
        solve_output(o);
    return map.replace_affine(d_weights.data(), d_biases.data())
               ? refit_status::ok
               : refit_status::not_finite;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

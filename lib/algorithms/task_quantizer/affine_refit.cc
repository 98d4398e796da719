/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/affine_refit.h>

#include "algorithms/task_quantizer/pilot_weights.h"
#include "algorithms/task_quantizer/ridge_solver.h"
#include <algorithm>
#include <cmath>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

struct affine_refit::sums {
    scalar_adc adc; // for its levels
    unsigned powers;
    std::size_t outputs;
    affine_refit_settings settings;
    ridge_solver solver;
    std::vector<float> levels;   // of one pilot
    std::vector<double> feature; // likewise [F]
    std::vector<double> normal;  // sum f f^T, lower triangle, row by row [F][F]
    std::vector<double> cross;   // sum f s^T [F][k]
    pilot_weights weights;
    std::uint64_t pilots = 0;

    sums(const digital_map& start, const affine_refit_settings& s)
        : adc(adc_of_affine("affine_refit", start)),
          powers(start.powers()),
          outputs(start.outputs()),
          settings(s),
          solver(start),
          levels(start.adcs()),
          feature(solver.features()),
          normal(feature.size() * feature.size()),
          cross(feature.size() * outputs),
          weights(s.forgetting)
    {
    }

    void set_feature(const std::uint8_t* codes, float gain) noexcept
    {
        adc.lookup(codes, 1, levels.data());
        double power = 1;
        double* f = feature.data();
        for (unsigned j = 0; j < powers; j++, power /= gain) {
            for (const float q : levels)
                *f++ = power * q;
            *f++ = power;
        }
    }

    void add(const float* s) noexcept
    {
        const std::size_t n = feature.size();
        for (std::size_t i = 0; i < n; i++) {
            const double scaled = weights.next() * feature[i];
            double* row = normal.data() + i * n;
            for (std::size_t j = 0; j <= i; j++)
                row[j] += scaled * feature[j];
            double* products = cross.data() + i * outputs;
            for (std::size_t o = 0; o < outputs; o++)
                products[o] += scaled * s[o];
        }
        pilots++;
        if (const double down = weights.count(); down != 1) {
            scale(normal, down);
            scale(cross, down);
        }
    }
};

affine_refit::affine_refit(const digital_map& start,
                           const affine_refit_settings& settings)
{
    check_pilot_settings(
        "affine_refit", settings.forgetting, "ridge", settings.ridge, false);
    d_sums = std::make_unique<sums>(start, settings);
}

affine_refit::~affine_refit() = default;
affine_refit::affine_refit(affine_refit&&) noexcept = default;
affine_refit& affine_refit::operator=(affine_refit&&) noexcept = default;

std::size_t affine_refit::adcs() const noexcept { return d_sums->adc.adcs(); }
std::size_t affine_refit::outputs() const noexcept { return d_sums->outputs; }
std::size_t affine_refit::features() const noexcept { return d_sums->feature.size(); }
std::uint64_t affine_refit::pilots() const noexcept { return d_sums->pilots; }
double affine_refit::effective_pilots() const noexcept
{
    return d_sums->weights.sum() / d_sums->weights.newest();
}

void affine_refit::reset() noexcept
{
    std::fill(d_sums->normal.begin(), d_sums->normal.end(), 0.0);
    std::fill(d_sums->cross.begin(), d_sums->cross.end(), 0.0);
    d_sums->pilots = 0;
    d_sums->weights.reset();
}

std::size_t affine_refit::add(const std::uint8_t* codes,
                              const float* gains,
                              const float* s,
                              std::size_t n) noexcept
{
    std::size_t used = 0;
    for (std::size_t t = 0; t < n; t++, codes += adcs(), s += outputs()) {
        const float gain = gains ? gains[t] : 1.0f;
        if (!is_sound_pilot(s, outputs(), gain))
            continue;
        d_sums->set_feature(codes, gain);
        d_sums->add(s);
        used++;
    }
    return used;
}

refit_status affine_refit::solve(digital_map& map) noexcept
{
    if (map.kind() != digital_kind::affine || map.adcs() != adcs() ||
        map.outputs() != outputs() || map.powers() != d_sums->powers)
        return refit_status::another_map;
    const auto& settings = d_sums->settings;
    if (pilots() < (settings.least_pilots ? settings.least_pilots : features()))
        return refit_status::too_few_pilots;
    const auto& weights = d_sums->weights;
    return d_sums->solver.solve(d_sums->normal,
                                d_sums->cross,
                                weights.sum(),
                                settings.ridge * static_cast<double>(features()) *
                                    weights.newest(),
                                map);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

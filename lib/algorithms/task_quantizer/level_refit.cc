/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/level_refit.h>

#include "algorithms/task_quantizer/pilot_weights.h"
#include "algorithms/task_quantizer/ridge_solver.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

struct level_refit::moments {
    scalar_adc adc; // for its levels
    std::size_t outputs;
    level_refit_settings settings;
    ridge_solver solver;
    std::vector<double> direction; // w_d / |w_d|, or 0 [p][k]
    std::vector<std::size_t> rows; // of one pilot: the row of each ADC's code
    std::vector<double> counts;    // of both codes [S][S], those of ADC d against d' <= d
    std::vector<double> sums;      // of s over pilots with that code [S][k]
    std::vector<double> total;     // of s over all [k]
    std::vector<double> means;     // m_d(c) of one ADC
    std::vector<double> levels;    // new ones [S]
    std::vector<float> values;     // likewise
    std::vector<double> normal;    // lower triangle [F][F]
    std::vector<double> cross;     // [F][k]
    pilot_weights weights;
    std::uint64_t pilots = 0;

    moments(const digital_map& start, const level_refit_settings& s);
    void add(const std::uint8_t* codes, const float* s) noexcept;
    void fit_levels(std::size_t d) noexcept;
    void make_normal() noexcept;
};

level_refit::moments::moments(const digital_map& start, const level_refit_settings& s)
    : adc(adc_of_affine("level_refit", start)),
      outputs(start.outputs()),
      settings(s),
      solver(start),
      direction(adc.adcs() * outputs),
      rows(adc.adcs()),
      counts(adc.total_levels() * adc.total_levels()),
      sums(adc.total_levels() * outputs),
      total(outputs),
      means(scalar_adc::max_levels),
      levels(adc.total_levels()),
      values(adc.total_levels()),
      normal(solver.features() * solver.features()),
      cross(solver.features() * outputs),
      weights(s.forgetting)
{
    for (std::size_t d = 0; d < adc.adcs(); d++) {
        double energy = 0;
        for (std::size_t o = 0; o < outputs; o++) {
            const double w = start.weight()[o * adc.adcs() + d];
            direction[d * outputs + o] = w;
            energy += w * w;
        }
        for (std::size_t o = 0; energy > 0 && o < outputs; o++)
            direction[d * outputs + o] /= std::sqrt(energy);
    }
}

void level_refit::moments::add(const std::uint8_t* codes, const float* s) noexcept
{
    const std::size_t size = adc.total_levels();
    for (std::size_t d = 0; d < rows.size(); d++) {
        rows[d] =
            adc.first_code(d) + std::min<std::size_t>(codes[d], adc.levels()[d] - 1);
        double* with = counts.data() + rows[d] * size;
        for (std::size_t other = 0; other <= d; other++)
            with[rows[other]] += weights.next();
        double* sum = sums.data() + rows[d] * outputs;
        for (std::size_t o = 0; o < outputs; o++)
            sum[o] += weights.next() * s[o];
    }
    for (std::size_t o = 0; o < outputs; o++)
        total[o] += weights.next() * s[o];
    pilots++;
    if (const double down = weights.count(); down != 1) {
        scale(counts, down);
        scale(sums, down);
        scale(total, down);
    }
}

// Of one ADC: means along its direction, the best line, and what the means say beside it.
void level_refit::moments::fit_levels(std::size_t d) noexcept
{
    const std::size_t first = adc.first_code(d), m = adc.levels()[d];
    const float* old = adc.values().data() + first;
    const double* along = direction.data() + d * outputs;
    const double prior = settings.level_prior * weights.newest();
    const auto count = [&](std::size_t c) {
        return counts[(first + c) * (adc.total_levels() + 1)];
    };
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (std::size_t c = 0; c < m; c++) {
        means[c] = 0; // for now the sum
        for (std::size_t o = 0; o < outputs; o++)
            means[c] += along[o] * sums[(first + c) * outputs + o];
        n += count(c);
        x += count(c) * old[c];
        xx += count(c) * old[c] * old[c];
        y += means[c];
        xy += means[c] * old[c];
    }
    const double slope = (n * xy - x * y) / (n * xx - x * x);
    const double start = (y - slope * x) / n;
    for (std::size_t c = 0; c < m; c++) {
        const double line = start + slope * old[c];
        const double mean = (means[c] + prior * line) / (count(c) + prior);
        const double level = (mean - start) / slope;
        levels[first + c] = slope > 0 && std::isfinite(level) ? level : old[c];
        values[first + c] = static_cast<float>(levels[first + c]);
    }
}

// The normal equations over the new levels, from the moments of the codes.
void level_refit::moments::make_normal() noexcept
{
    const std::size_t p = adc.adcs(), n = p + 1, size = adc.total_levels();
    std::fill(normal.begin(), normal.end(), 0.0);
    std::fill(cross.begin(), cross.end(), 0.0);
    for (std::size_t d = 0; d < p; d++)
        for (std::size_t i = adc.first_code(d); i < adc.first_code(d) + adc.levels()[d];
             i++) {
            const double* with = counts.data() + i * size;
            for (std::size_t other = 0; other <= d; other++) {
                double sum = 0;
                const std::size_t from = adc.first_code(other);
                for (std::size_t j = from; j < from + adc.levels()[other]; j++)
                    sum += with[j] * levels[j];
                normal[d * n + other] += levels[i] * sum;
            }
            normal[p * n + d] += levels[i] * with[i];
            for (std::size_t o = 0; o < outputs; o++)
                cross[d * outputs + o] += levels[i] * sums[i * outputs + o];
        }
    normal[p * n + p] = weights.sum();
    std::copy(total.begin(), total.end(), cross.begin() + p * outputs);
}

level_refit::level_refit(const digital_map& start, const level_refit_settings& settings)
{
    check_pilot_settings(
        "level_refit", settings.forgetting, "ridge", settings.ridge, false);
    check_pilot_settings(
        "level_refit", settings.forgetting, "level_prior", settings.level_prior, true);
    if (start.powers() != 1)
        throw std::invalid_argument("level_refit: the digital map has " +
                                    std::to_string(start.powers()) +
                                    " powers of the gain, expected 1");
    if (start.level_values().size() > max_levels)
        throw std::invalid_argument(
            "level_refit: the ADCs have " + std::to_string(start.level_values().size()) +
            " levels together, expected at most " + std::to_string(max_levels));
    d_moments = std::make_unique<moments>(start, settings);
}

level_refit::~level_refit() = default;
level_refit::level_refit(level_refit&&) noexcept = default;
level_refit& level_refit::operator=(level_refit&&) noexcept = default;

std::size_t level_refit::adcs() const noexcept { return d_moments->adc.adcs(); }
std::size_t level_refit::outputs() const noexcept { return d_moments->outputs; }
std::size_t level_refit::features() const noexcept { return adcs() + 1; }
std::uint64_t level_refit::pilots() const noexcept { return d_moments->pilots; }

void level_refit::reset() noexcept
{
    std::fill(d_moments->counts.begin(), d_moments->counts.end(), 0.0);
    std::fill(d_moments->sums.begin(), d_moments->sums.end(), 0.0);
    std::fill(d_moments->total.begin(), d_moments->total.end(), 0.0);
    d_moments->weights.reset();
    d_moments->pilots = 0;
}

std::size_t level_refit::add(const std::uint8_t* codes,
                             const float* gains,
                             const float* s,
                             std::size_t n) noexcept
{
    std::size_t used = 0;
    for (std::size_t t = 0; t < n; t++, codes += adcs(), s += outputs()) {
        if (!is_sound_pilot(s, outputs(), gains ? gains[t] : 1.0f))
            continue;
        d_moments->add(codes, s);
        used++;
    }
    return used;
}

refit_status level_refit::solve(digital_map& map) noexcept
{
    moments& m = *d_moments;
    if (map.kind() != digital_kind::affine || map.levels() != m.adc.levels() ||
        map.outputs() != outputs() || map.powers() != 1)
        return refit_status::another_map;
    if (pilots() < (m.settings.least_pilots ? m.settings.least_pilots : features()))
        return refit_status::too_few_pilots;
    for (std::size_t d = 0; d < adcs(); d++)
        m.fit_levels(d);
    m.make_normal();
    return m.solver.solve(m.normal,
                          m.cross,
                          m.weights.sum(),
                          m.settings.ridge * static_cast<double>(features()) *
                              m.weights.newest(),
                          map,
                          m.values.data());
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/lookup_design.h>

#include "algorithms/task_quantizer/normal_cells.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr double least_log = -1e6; // of a cell that cannot be

std::string size_of(const matrix& m)
{
    return std::to_string(m.rows) + " x " + std::to_string(m.columns);
}

void check_finite(const char* what, const matrix& m)
{
    if (m.values.size() != m.rows * m.columns ||
        !std::all_of(
            m.values.begin(), m.values.end(), [](double v) { return std::isfinite(v); }))
        throw std::invalid_argument(
            std::string("lookup_design: the ") + what +
            " holds a value that is not finite, expected numbers");
}

double row_product(const matrix& m, std::size_t a, std::size_t b)
{
    double sum = 0;
    for (std::size_t i = 0; i < m.columns; i++)
        sum += m.at(a, i) * m.at(b, i);
    return sum;
}

} // namespace

matrix class_means(const matrix& combiner, const matrix& channel)
{
    check_finite("combiner", combiner);
    check_finite("channel", channel);
    if (combiner.columns != channel.rows || channel.columns < 1 ||
        channel.columns > digital_map::max_users || combiner.rows < 1)
        throw std::invalid_argument(
            "lookup_design: the combiner is " + size_of(combiner) + " and the channel " +
            size_of(channel) + ", expected p x n and n x k with 1 to 8 users");
    const std::size_t classes = std::size_t{1} << channel.columns;
    matrix means(classes, combiner.rows);
    for (std::size_t d = 0; d < combiner.rows; d++)
        for (std::size_t i = 0; i < channel.columns; i++) {
            double gain = 0; // of user i at ADC d
            for (std::size_t r = 0; r < channel.rows; r++)
                gain += combiner.at(d, r) * channel.at(r, i);
            for (std::size_t c = 0; c < classes; c++)
                means.at(c, d) += c >> i & 1 ? -gain : gain;
        }
    return means;
}

std::vector<double> noise_deviations(const matrix& combiner, double noise_variance)
{
    check_finite("combiner", combiner);
    if (!(noise_variance > 0) || !std::isfinite(noise_variance))
        throw std::invalid_argument("lookup_design: noise_variance is " +
                                    std::to_string(noise_variance) +
                                    ", expected a positive, finite number");
    std::vector<double> lengths;
    for (std::size_t a = 0; a < combiner.rows; a++) {
        lengths.push_back(std::sqrt(row_product(combiner, a, a)));
        if (!(lengths[a] > 0) || !std::isfinite(lengths[a]))
            throw std::invalid_argument("lookup_design: row " + std::to_string(a) +
                                        " of the combiner has the length " +
                                        std::to_string(lengths[a]) +
                                        ", expected a positive, finite one");
        for (std::size_t b = 0; b < a; b++) {
            const double cosine = row_product(combiner, a, b) / (lengths[a] * lengths[b]);
            if (!(std::abs(cosine) <= 1e-6))
                throw std::invalid_argument(
                    "lookup_design: rows " + std::to_string(b) + " and " +
                    std::to_string(a) + " of the combiner have the cosine " +
                    std::to_string(cosine) +
                    ", expected orthogonal rows, so that the ADCs' noise is independent");
        }
    }
    for (double& length : lengths)
        length *= std::sqrt(noise_variance);
    return lengths;
}

std::vector<float> cell_log_likelihoods(const matrix& means,
                                        const std::vector<double>& deviations,
                                        const scalar_adc& adc)
{
    if (means.columns != adc.adcs() || deviations.size() != adc.adcs())
        throw std::invalid_argument("lookup_design: got means of " +
                                    std::to_string(means.columns) + " and " +
                                    std::to_string(deviations.size()) +
                                    " deviations, expected one for each of the " +
                                    std::to_string(adc.adcs()) + " ADCs");
    constexpr double infinity = std::numeric_limits<double>::infinity();
    std::vector<float> table;
    for (std::size_t d = 0; d < adc.adcs(); d++) {
        const float* t = adc.thresholds_of(d);
        const unsigned m = adc.levels()[d];
        for (unsigned code = 0; code < m; code++)
            for (std::size_t c = 0; c < means.rows; c++) {
                const auto standard = [&](float threshold) {
                    return (threshold - means.at(c, d)) / deviations[d];
                };
                const double lower = code > 0 ? standard(t[code - 1]) : -infinity;
                const double upper = code + 1 < m ? standard(t[code]) : infinity;
                table.push_back(static_cast<float>(
                    std::max(least_log, log_normal_cell(lower, upper))));
            }
    }
    return table;
}

task_quantizer lookup_design(const matrix& combiner,
                             const scalar_adc& adc,
                             const matrix& channel,
                             double noise_variance,
                             bool complex_inputs)
{
    const matrix means = class_means(combiner, channel);
    const auto deviations = noise_deviations(combiner, noise_variance);
    const auto table = cell_log_likelihoods(means, deviations, adc);
    dense_layer layer{combiner.columns,
                      combiner.rows,
                      {combiner.values.begin(), combiner.values.end()},
                      std::vector<float>(combiner.rows)};
    return task_quantizer(analog_map({std::move(layer)}),
                          adc,
                          digital_map::lookup(adc, channel.columns, table),
                          complex_inputs,
                          "combiner and exact MAP over the cells");
}

task_quantizer quantized_map(const matrix& channel,
                             double noise_variance,
                             unsigned levels,
                             double support,
                             bool complex_inputs)
{
    const std::size_t n = channel.rows;
    matrix identity(n, n);
    for (std::size_t i = 0; i < n; i++)
        identity.at(i, i) = 1;
    const auto adc = scalar_adc::uniform(std::vector<unsigned>(n, levels), support);
    const task_quantizer chain =
        lookup_design(identity, adc, channel, noise_variance, complex_inputs);
    return task_quantizer(chain.analog(),
                          chain.adc(),
                          chain.digital(),
                          complex_inputs,
                          "quantized MAP: every antenna, exact MAP over the cells");
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/logistic_refit.h>

#include "algorithms/task_quantizer/class_scores.h"
#include "algorithms/task_quantizer/pilot_weights.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

void check(const logistic_refit_settings& s)
{
    if (s.capacity < 1 || s.capacity > 1u << 20)
        throw std::invalid_argument("logistic_refit: capacity is " +
                                    std::to_string(s.capacity) +
                                    ", expected 1 to 1048576 pilots");
    if (s.steps < 1 || s.steps > 10000)
        throw std::invalid_argument("logistic_refit: steps is " +
                                    std::to_string(s.steps) + ", expected 1 to 10000");
    if (!(s.ridge >= 0) || !std::isfinite(s.ridge))
        throw std::invalid_argument("logistic_refit: ridge is " +
                                    std::to_string(s.ridge) +
                                    ", expected 0 or a positive, finite number");
}

} // namespace

logistic_refit::logistic_refit(const digital_map& start,
                               const logistic_refit_settings& settings)
    : d_adc(adc_of_lookup("logistic_refit", start)),
      d_users(start.outputs()),
      d_classes(start.classes()),
      d_settings(settings),
      d_start(start.log_likelihood()),
      d_table(d_start.size()),
      d_ahead(d_start.size()),
      d_gradient(d_start.size())
{
    check(settings);
    d_codes.resize(settings.capacity * d_adc.adcs());
    d_sent.resize(settings.capacity);
}

void logistic_refit::reset() noexcept { d_pilots = 0; }

std::size_t logistic_refit::add(const std::uint8_t* codes,
                                const std::uint8_t* classes,
                                std::size_t n) noexcept
{
    const std::size_t p = d_adc.adcs();
    std::size_t used = 0;
    for (std::size_t t = 0; t < n; t++, codes += p) {
        if (classes[t] >= d_classes)
            continue;
        const std::size_t at = d_pilots++ % d_settings.capacity;
        for (std::size_t d = 0; d < p; d++) {
            const unsigned last = d_adc.levels()[d] - 1;
            d_codes[at * p + d] =
                static_cast<std::uint8_t>(std::min<unsigned>(codes[d], last));
        }
        d_sent[at] = classes[t];
        used++;
    }
    return used;
}

// Of the mean negative log-likelihood and the ridge, at \p table.
void logistic_refit::gradient_at(const std::vector<float>& table) noexcept
{
    constexpr std::size_t most = class_scores::max_columns;
    const auto kept =
        static_cast<std::size_t>(std::min<std::uint64_t>(d_pilots, d_settings.capacity));
    const auto ridge = static_cast<float>(d_settings.ridge);
    for (std::size_t i = 0; i < table.size(); i++)
        d_gradient[i] = ridge * (table[i] - d_start[i]);
    class_scores scores(d_users, most);
    float rows[most << class_scores::max_users];
    for (std::size_t from = 0; from < kept; from += most) {
        const std::size_t n = std::min(most, kept - from);
        add_up(table, from, n, rows);
        scores.set_rows(rows, n);
        scores.posteriors(n, rows);
        const float per_pilot = 1.0f / static_cast<float>(kept);
        for (std::size_t t = 0; t < n; t++) {
            rows[t * d_classes + d_sent[from + t]] -= 1.0f;
            spread(rows + t * d_classes, from + t, per_pilot);
        }
    }
}

// Scores of n pilots [n][2^k].
void logistic_refit::add_up(const std::vector<float>& table,
                            std::size_t first,
                            std::size_t n,
                            float* scores) const noexcept
{
    const std::size_t p = d_adc.adcs();
    const std::uint8_t* codes = d_codes.data() + first * p;
    std::fill(scores, scores + n * d_classes, 0.0f);
    for (std::size_t t = 0; t < n; t++, codes += p, scores += d_classes)
        for (std::size_t d = 0; d < p; d++) {
            const float* row =
                table.data() + (d_adc.first_code(d) + codes[d]) * d_classes;
            for (std::size_t c = 0; c < d_classes; c++)
                scores[c] += row[c];
        }
}

// One pilot's part of the gradient: its error goes to the rows of its codes.
void logistic_refit::spread(const float* error, std::size_t pilot, float weight) noexcept
{
    const std::size_t p = d_adc.adcs();
    const std::uint8_t* codes = d_codes.data() + pilot * p;
    for (std::size_t d = 0; d < p; d++) {
        float* row = d_gradient.data() + (d_adc.first_code(d) + codes[d]) * d_classes;
        for (std::size_t c = 0; c < d_classes; c++)
            row[c] += weight * error[c];
    }
}

refit_status logistic_refit::solve(digital_map& map) noexcept
{
    if (map.kind() != digital_kind::lookup || map.classes() != d_classes ||
        map.levels() != d_adc.levels())
        return refit_status::another_map;
    if (d_pilots == 0)
        return refit_status::too_few_pilots;
    std::copy(d_start.begin(), d_start.end(), d_table.begin());
    d_ahead = d_table; // of the same size: no allocation
    const double curvature = 0.5 * static_cast<double>(d_adc.adcs()) + d_settings.ridge;
    const auto step = static_cast<float>(1 / curvature);
    double momentum = 1;
    for (unsigned i = 0; i < d_settings.steps; i++) {
        gradient_at(d_ahead);
        const double next = 0.5 * (1 + std::sqrt(1 + 4 * momentum * momentum));
        const auto beyond = static_cast<float>((momentum - 1) / next);
        momentum = next;
        for (std::size_t j = 0; j < d_table.size(); j++) {
            const float before = d_table[j];
            d_table[j] = d_ahead[j] - step * d_gradient[j];
            d_ahead[j] = d_table[j] + beyond * (d_table[j] - before);
        }
    }
    return map.replace_lookup(d_table.data()) ? refit_status::ok
                                              : refit_status::not_finite;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

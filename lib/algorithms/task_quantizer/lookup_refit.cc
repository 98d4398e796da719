/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/lookup_refit.h>

#include "algorithms/task_quantizer/pilot_adc.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr double most_scale = 1e12; // before all counts are scaled down
constexpr double even_share = 1e-3; // of the prior, to every code alike

void check(const lookup_refit_settings& s)
{
    if (!(s.forgetting > 0 && s.forgetting <= 1))
        throw std::invalid_argument("lookup_refit: forgetting is " +
                                    std::to_string(s.forgetting) +
                                    ", expected more than 0 and at most 1");
    if (!(s.prior > 0) || !std::isfinite(s.prior))
        throw std::invalid_argument("lookup_refit: prior is " + std::to_string(s.prior) +
                                    ", expected a positive, finite number");
}

} // namespace

lookup_refit::lookup_refit(const digital_map& start,
                           const lookup_refit_settings& settings)
    : d_adc(adc_of_lookup("lookup_refit", start)),
      d_classes(start.classes()),
      d_settings(settings),
      d_prior(start.log_likelihood().size()),
      d_counts(d_prior.size()),
      d_table(d_prior.size())
{
    check(settings);
    for (std::size_t d = 0; d < d_adc.adcs(); d++)
        for (std::size_t c = 0; c < d_classes; c++) {
            const unsigned m = d_adc.levels()[d];
            const std::size_t first = d_adc.first_code(d) * d_classes + c;
            const auto log_p = [&](unsigned code) {
                return static_cast<double>(
                    start.log_likelihood()[first + code * d_classes]);
            };
            double best = log_p(0), sum = 0;
            for (unsigned code = 1; code < m; code++)
                best = std::max(best, log_p(code));
            for (unsigned code = 0; code < m; code++)
                sum += std::exp(log_p(code) - best);
            for (unsigned code = 0; code < m; code++)
                d_prior[first + code * d_classes] =
                    settings.prior *
                    ((1 - even_share) * std::exp(log_p(code) - best) / sum +
                     even_share / m);
        }
}

void lookup_refit::reset() noexcept
{
    std::fill(d_counts.begin(), d_counts.end(), 0.0);
    d_scale = 1;
    d_pilots = 0;
}

void lookup_refit::forget() noexcept
{
    d_scale /= d_settings.forgetting;
    if (d_scale < most_scale)
        return;
    for (double& count : d_counts)
        count /= d_scale;
    d_scale = 1;
}

std::size_t lookup_refit::add(const std::uint8_t* codes,
                              const std::uint8_t* classes,
                              std::size_t n) noexcept
{
    const std::size_t p = d_adc.adcs();
    std::size_t used = 0;
    for (std::size_t t = 0; t < n; t++, codes += p) {
        if (classes[t] >= d_classes)
            continue;
        for (std::size_t d = 0; d < p; d++) {
            const unsigned code = std::min<unsigned>(codes[d], d_adc.levels()[d] - 1);
            d_counts[(d_adc.first_code(d) + code) * d_classes + classes[t]] += d_scale;
        }
        used++;
        d_pilots++;
        forget();
    }
    return used;
}

refit_status lookup_refit::solve(digital_map& map) noexcept
{
    if (map.kind() != digital_kind::lookup || map.classes() != d_classes ||
        map.levels() != d_adc.levels())
        return refit_status::another_map;
    if (d_pilots == 0)
        return refit_status::too_few_pilots;
    // A pilot that has just been added weighs 1, d_scale is that of the next one.
    const double newest = d_scale * d_settings.forgetting;
    for (std::size_t d = 0; d < d_adc.adcs(); d++)
        for (std::size_t c = 0; c < d_classes; c++) {
            const unsigned m = d_adc.levels()[d];
            const std::size_t first = d_adc.first_code(d) * d_classes + c;
            double sum = 0;
            for (std::size_t i = first, k = 0; k < m; k++, i += d_classes)
                sum += d_counts[i] / newest + d_prior[i];
            for (std::size_t i = first, k = 0; k < m; k++, i += d_classes)
                d_table[i] = static_cast<float>(
                    std::log((d_counts[i] / newest + d_prior[i]) / sum));
        }
    return map.replace_lookup(d_table.data()) ? refit_status::ok
                                              : refit_status::not_finite;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

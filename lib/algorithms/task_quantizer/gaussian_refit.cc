/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/gaussian_refit.h>

#include "algorithms/task_quantizer/class_counts.h"
#include "algorithms/task_quantizer/gaussian_shape.h"
#include "algorithms/task_quantizer/grouped_gaussian.h"
#include <algorithm>
#include <cmath>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

struct gaussian_refit::tables {
    class_counts counts;
    gaussian_refit_settings settings;
    std::vector<double> thresholds; // as designed, in deviations; ADC 0, then ADC 1, ...
    std::vector<double> prior;      // pseudo-counts of the given table [sum M_d][2^k]
    std::vector<double> shape;      // pseudo-counts of the fit
    std::vector<double> joined;     // counts and prior of one ADC [M_d][2^k]
    std::vector<float> table;

    void fit(std::size_t d, std::size_t users) noexcept;
};

// The shape of one ADC; where the fit fails, that of the given table.
void gaussian_refit::tables::fit(std::size_t d, std::size_t users) noexcept
{
    constexpr double even_share = 1e-4; // so that no code is impossible
    const scalar_adc& adc = counts.adc();
    const unsigned m = adc.levels()[d];
    const std::size_t classes = counts.classes(), first = counts.column(d, 0);
    for (std::size_t i = 0; i < m * classes; i++)
        joined[i] = counts.at(first + i) + prior[first + i];
    grouped_gaussian gaussian(thresholds.data() + adc.first_code(d) - d, m, users);
    const bool fitted = gaussian.fit(joined.data());
    for (unsigned code = 0; code < m; code++)
        for (std::size_t c = 0; c < classes; c++) {
            const std::size_t i = first + code * classes + c;
            const double p = fitted ? std::exp(gaussian.log_probability(code, c))
                                    : prior[i] / settings.prior;
            shape[i] = settings.shape * ((1 - even_share) * p + even_share / m);
        }
}

gaussian_refit::gaussian_refit(const digital_map& start,
                               const gaussian_refit_settings& settings)
{
    check_pilot_settings(
        "gaussian_refit", settings.forgetting, "prior", settings.prior, true);
    check_pilot_settings(
        "gaussian_refit", settings.forgetting, "shape", settings.shape, true);
    class_counts counts("gaussian_refit", start, settings.forgetting);
    const std::size_t size = start.log_likelihood().size();
    const auto& levels = start.levels();
    const unsigned finest = *std::max_element(levels.begin(), levels.end());
    d_tables =
        std::make_unique<tables>(tables{std::move(counts),
                                        settings,
                                        normalised_thresholds(start),
                                        pseudo_counts(start, settings.prior),
                                        std::vector<double>(size),
                                        std::vector<double>(finest * start.classes()),
                                        std::vector<float>(size)});
}

gaussian_refit::~gaussian_refit() = default;
gaussian_refit::gaussian_refit(gaussian_refit&&) noexcept = default;
gaussian_refit& gaussian_refit::operator=(gaussian_refit&&) noexcept = default;

std::size_t gaussian_refit::adcs() const noexcept
{
    return d_tables->counts.adc().adcs();
}
std::uint64_t gaussian_refit::pilots() const noexcept
{
    return d_tables->counts.pilots();
}
void gaussian_refit::reset() noexcept { d_tables->counts.reset(); }

std::size_t gaussian_refit::add(const std::uint8_t* codes,
                                const std::uint8_t* classes,
                                std::size_t n) noexcept
{
    return d_tables->counts.add(codes, classes, n);
}

refit_status gaussian_refit::solve(digital_map& map) noexcept
{
    if (!d_tables->counts.fit(map))
        return refit_status::another_map;
    if (pilots() == 0)
        return refit_status::too_few_pilots;
    for (std::size_t d = 0; d < adcs(); d++)
        d_tables->fit(d, map.outputs());
    d_tables->counts.smooth(d_tables->shape, d_tables->table);
    return map.replace_lookup(d_tables->table.data()) ? refit_status::ok
                                                      : refit_status::not_finite;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

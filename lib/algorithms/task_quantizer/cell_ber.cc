/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/cell_ber.h>

#include "algorithms/task_quantizer/cell_grid.h"
#include "algorithms/task_quantizer/users_of.h"
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

void check(const matrix& means,
           const std::vector<double>& deviations,
           const scalar_adc& adc)
{
    if (means.columns != adc.adcs() || deviations.size() != adc.adcs() ||
        means.values.size() != means.rows * means.columns)
        throw std::invalid_argument("cell_ber: got means of " +
                                    std::to_string(means.columns) + " and " +
                                    std::to_string(deviations.size()) +
                                    " deviations, expected one for each of the " +
                                    std::to_string(adc.adcs()) + " ADCs");
    for (const double mean : means.values)
        if (!std::isfinite(mean))
            throw std::invalid_argument("cell_ber: a mean is not finite");
    for (const double deviation : deviations)
        if (!(deviation > 0) || !std::isfinite(deviation))
            throw std::invalid_argument("cell_ber: a deviation is " +
                                        std::to_string(deviation) +
                                        ", expected a positive, finite number");
    double cells = 1;
    for (const unsigned m : adc.levels())
        cells *= m;
    if (cells > static_cast<double>(cell_ber_max_cells))
        throw std::invalid_argument("cell_ber: these ADCs have " + std::to_string(cells) +
                                    " cells, expected at most " +
                                    std::to_string(cell_ber_max_cells));
}

} // namespace

double cell_ber(const matrix& means,
                const std::vector<double>& deviations,
                const scalar_adc& adc)
{
    const std::size_t users = users_of(means.rows, "cell_ber: got means of", "classes");
    check(means, deviations, adc);
    cell_grid grid(adc.levels(), users);
    return grid.ber(
        means, deviations, {adc.thresholds().begin(), adc.thresholds().end()});
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

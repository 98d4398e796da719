/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/cell_grid.h"

#include "algorithms/task_quantizer/normal_cells.h"
#include "kernels/cell_errors.h"
#include <algorithm>
#include <limits>

namespace gr {
namespace fewbit {
namespace algorithms {

cell_grid::cell_grid(const std::vector<unsigned>& levels, std::size_t users)
    : d_levels(levels),
      d_users(users),
      d_classes(std::size_t{1} << users),
      d_split(levels.size() / 2)
{
    for (std::size_t d = 0; d < levels.size(); d++)
        (d < d_split ? d_rows : d_columns) *= levels[d];
    constexpr std::size_t multiple = kernels::cell_errors_columns;
    d_padded = (d_columns + multiple - 1) / multiple * multiple;
    d_probability.resize(d_classes * *std::max_element(levels.begin(), levels.end()));
    d_outer.resize(d_rows * d_classes);
    d_inner.assign(d_classes * d_padded, 0.0);
}

// Makes each cell so far into M cells, from the last one on, so that it can be done in place.
void cell_grid::multiply(std::size_t adc,
                         const matrix& means,
                         double deviation,
                         const double* t)
{
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const unsigned m = d_levels[adc];
    for (std::size_t c = 0; c < d_classes; c++) {
        double lower = -infinity;
        for (unsigned code = 0; code < m; code++) {
            const double upper =
                code + 1 < m ? (t[code] - means.at(c, adc)) / deviation : infinity;
            d_probability[c * m + code] = normal_cell(lower, upper);
            lower = upper;
        }
    }
    const bool outer = adc < d_split;
    std::size_t& done = outer ? d_rows_done : d_columns_done;
    double* table = outer ? d_outer.data() : d_inner.data();
    const std::size_t cell = outer ? d_classes : 1, of_class = outer ? 1 : d_padded;
    for (std::size_t c = 0; c < d_classes; c++)
        for (std::size_t i = done; i-- > 0;) {
            const double before = table[i * cell + c * of_class];
            for (unsigned code = 0; code < m; code++)
                table[(i * m + code) * cell + c * of_class] =
                    before * d_probability[c * m + code];
        }
    done *= m;
}

double cell_grid::ber(const matrix& means,
                      const std::vector<double>& deviations,
                      const std::vector<double>& thresholds)
{
    d_rows_done = d_columns_done = 1;
    std::fill_n(d_outer.begin(), d_classes, 1.0 / static_cast<double>(d_classes));
    for (std::size_t c = 0; c < d_classes; c++)
        d_inner[c * d_padded] = 1;
    const double* t = thresholds.data();
    for (std::size_t d = 0; d < d_levels.size(); t += d_levels[d] - 1, d++)
        multiply(d, means, deviations[d], t);
    return kernels::cell_errors(
               d_outer.data(), d_rows, d_inner.data(), d_padded, d_users) /
           static_cast<double>(d_users);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

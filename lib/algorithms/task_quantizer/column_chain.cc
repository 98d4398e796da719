/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/column_chain.h"

#include <algorithm>

namespace gr {
namespace fewbit {
namespace algorithms {

bool column_chain::can_run(const row_network& first,
                           const scalar_adc& adc,
                           const row_network& last)
{
    const auto& levels = adc.levels();
    return first.widest() <= row_network::narrow &&
           last.widest() <= row_network::narrow &&
           *std::max_element(levels.begin(), levels.end()) <= max_levels;
}

column_chain::column_chain(const std::vector<float>& gain,
                           const scalar_adc& adc,
                           const std::vector<float>& values)
    : d_adcs{gain, adc.levels(), adc.thresholds(), values}
{
}

void column_chain::run(const row_network& first,
                       const row_network& last,
                       const float* x,
                       std::size_t n_vectors,
                       float* y) const noexcept
{
    constexpr std::size_t most = columns * row_network::narrow;
    alignas(64) float one[most], other[most], scratch[2 * most];
    for (std::size_t from = 0; from < n_vectors; from += columns) {
        const std::size_t n = std::min(columns, n_vectors - from);
        kernels::rows_into_columns(
            x + from * first.inputs(), n, first.inputs(), one, columns);
        first.network().run(one, other, n, columns, scratch);
        kernels::quantize_columns(d_adcs, other, columns);
        last.network().run(other, one, n, columns, scratch);
        kernels::columns_into_rows(
            one, columns, n, last.outputs(), y + from * last.outputs());
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

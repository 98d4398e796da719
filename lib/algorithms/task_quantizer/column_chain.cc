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
    constexpr std::size_t few = 16, most = columns * row_network::narrow;
    alignas(64) float one[most], other[most], scratch[2 * most];
    const std::size_t stride = n_vectors > few ? columns : few;
    for (std::size_t from = 0; from < n_vectors; from += stride) {
        const std::size_t n = std::min(stride, n_vectors - from);
        kernels::rows_into_columns(
            x + from * first.inputs(), n, first.inputs(), one, stride);
        first.network().run(one, other, n, stride, scratch);
        kernels::quantize_columns(d_adcs, other, stride);
        last.network().run(other, one, n, stride, scratch);
        kernels::columns_into_rows(
            one, stride, n, last.outputs(), y + from * last.outputs());
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "latent_contexts.h"

#include <algorithm>
#include <limits>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {
constexpr std::size_t rows_in_table = 6;
constexpr std::size_t rows_used = 5; // the last latent's own row would follow all scores
} // namespace

latent_contexts::latent_contexts(unsigned levels,
                                 unsigned contexts,
                                 const float* table,
                                 const float* thresholds,
                                 const float* start)
    : d_levels(levels),
      d_contexts(contexts),
      d_rows(rows_used * levels),
      d_thresholds_stride((contexts - 1 + 3) / 4 * 4),
      d_thresholds(n_latents * d_thresholds_stride,
                   std::numeric_limits<float>::quiet_NaN())
{
    std::copy(start, start + n_latents, d_start.begin());
    for (std::size_t l = 0; l < n_latents; l++) {
        std::copy(thresholds + l * (contexts - 1),
                  thresholds + (l + 1) * (contexts - 1),
                  d_thresholds.begin() + l * d_thresholds_stride);
        for (std::size_t row = 0; row < rows_used; row++)
            for (std::size_t index = 0; index < levels; index++)
                d_rows[row * levels + index][l] =
                    table[(l * rows_in_table + row) * levels + index];
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

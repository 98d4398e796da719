/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Vectors whose length the compiler does not know cannot be kept in arrays, as the sums are;
// processors that have them run the fixed-length kernel. This file is compiled without
// contraction of products and sums.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/small_combiner.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/small_combiner-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

void combine_rows(const packed_map& map, const float* x, std::size_t n_vectors, float* z)
{
    const float_lanes d;
    HWY_ALIGN float columns_of_z[small_combiner::max_outputs * max_float_lanes];
    in_columns(
        x,
        n_vectors,
        map.inputs,
        [&](std::size_t at, std::size_t n, const float* columns) HWY_ATTR {
            all_outputs(map, columns, [&](std::size_t o, const auto& some) HWY_ATTR {
                float* to = columns_of_z + o * max_float_lanes;
                for (const floats& one : some) {
                    hn::Store(one, d, to);
                    to += max_float_lanes;
                }
            });
            float* rows = z + at * map.outputs;
            if (n == hn::Lanes(d)) {
                columns_to_rows(columns_of_z, max_float_lanes, map.outputs, rows);
                return;
            }
            for (std::size_t v = 0; v < n; v++)
                for (std::size_t o = 0; o < map.outputs; o++)
                    rows[v * map.outputs + o] = columns_of_z[o * max_float_lanes + v];
        });
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace kernels
} // namespace fewbit
} // namespace gr
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gr {
namespace fewbit {
namespace kernels {

HWY_EXPORT(combine_rows);

small_combiner::small_combiner(const float* weight,
                               const float* bias,
                               const float* gain,
                               std::size_t inputs,
                               std::size_t outputs)
{
    constexpr std::size_t together = 4;
    d_map.inputs = inputs;
    d_map.outputs = outputs;
    d_map.has_gains =
        std::any_of(gain, gain + outputs, [](float g) { return g != 1.0f; });
    for (std::size_t first = 0; first < outputs; first += together) {
        const std::size_t last = std::min(first + together, outputs);
        d_map.values.insert(d_map.values.end(), bias + first, bias + last);
        for (std::size_t i = 0; i < inputs; i++)
            for (std::size_t o = first; o < last; o++)
                d_map.values.push_back(weight[o * inputs + i]);
        d_map.values.insert(d_map.values.end(), gain + first, gain + last);
    }
}

void small_combiner::combine(const float* x,
                             std::size_t n_vectors,
                             float* z) const noexcept
{
    HWY_DYNAMIC_DISPATCH(combine_rows)(d_map, x, n_vectors, z);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

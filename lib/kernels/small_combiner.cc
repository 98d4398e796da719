/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Vectors whose length the compiler does not know cannot be kept in arrays, as the sums below
// are; processors that have them run the fixed-length kernel. This file is compiled without
// contraction of products and sums.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/small_combiner.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/small_combiner.h"
#include "kernels/transpose-inl.h"
#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

using floats = hn::Vec<float_lanes>;
using index_lanes = hn::RebindToUnsigned<float_lanes>;
using indices = hn::Vec<index_lanes>;
using packed_map = small_combiner::packed_map;

// Outputs first .. first + O - 1 of one vector of columns, each handed to use(output, value);
// returns the packed values' end.
template <std::size_t O, class Use>
HWY_INLINE const float* outputs(const float* HWY_RESTRICT packed,
                                std::size_t inputs,
                                const float* HWY_RESTRICT x,
                                std::size_t first,
                                Use use)
{
    const float_lanes d;
    floats z[O];
#pragma GCC unroll 4
    for (std::size_t o = 0; o < O; o++)
        z[o] = hn::Set(d, packed[o]);
    packed += O;
    for (std::size_t i = 0; i < inputs; i++, packed += O) {
        const floats in = hn::Load(d, x + i * max_float_lanes);
#pragma GCC unroll 4
        for (std::size_t o = 0; o < O; o++)
            z[o] = hn::Add(z[o], hn::Mul(hn::Set(d, packed[o]), in));
    }
#pragma GCC unroll 4
    for (std::size_t o = 0; o < O; o++)
        use(first + o, hn::Mul(z[o], hn::Set(d, packed[o])));
    return packed + O;
}

// All outputs of one vector of columns, in ascending order.
template <class Use>
HWY_INLINE void all_outputs(const packed_map& map, const float* x, Use use)
{
    const float* packed = map.values.data();
    std::size_t o = 0;
    for (; o + 4 <= map.outputs; o += 4)
        packed = outputs<4>(packed, map.inputs, x, o, use);
    const std::size_t left = map.outputs - o;
    if (left == 3)
        outputs<3>(packed, map.inputs, x, o, use);
    else if (left == 2)
        outputs<2>(packed, map.inputs, x, o, use);
    else if (left == 1)
        outputs<1>(packed, map.inputs, x, o, use);
}

HWY_INLINE indices add_one_where(hn::Mask<float_lanes> reached, indices code)
{
    const index_lanes di;
    const auto where = hn::RebindMask(di, reached);
#if HWY_TARGET <= HWY_AVX3 // masks are registers of their own
    return hn::IfThenElse(where, hn::Add(code, hn::Set(di, 1)), code);
#else // a true lane's mask is -1
    return hn::Sub(code, hn::VecFromMask(di, where));
#endif
}

// use(first vector, vectors, columns) for as many vectors as there are lanes at a time; where
// fewer are left, lanes beyond the end hold zeros.
template <class Use>
HWY_INLINE void
in_columns(const float* x, std::size_t n_vectors, std::size_t inputs, Use use)
{
    const std::size_t lanes = hn::Lanes(float_lanes());
    HWY_ALIGN float columns[small_combiner::max_inputs * max_float_lanes];
    std::size_t at = 0;
    for (; at + lanes <= n_vectors; at += lanes) {
        rows_to_columns(x + at * inputs, inputs, columns, max_float_lanes);
        use(at, lanes, columns);
    }
    if (at == n_vectors)
        return;
    const std::size_t left = n_vectors - at;
    std::fill_n(columns, inputs * max_float_lanes, 0.0f);
    for (std::size_t v = 0; v < left; v++)
        for (std::size_t i = 0; i < inputs; i++)
            columns[i * max_float_lanes + v] = x[(at + v) * inputs + i];
    use(at, left, columns);
}

void combine_rows(const packed_map& map, const float* x, std::size_t n_vectors, float* z)
{
    const float_lanes d;
    HWY_ALIGN float columns_of_z[small_combiner::max_outputs * max_float_lanes];
    in_columns(x,
               n_vectors,
               map.inputs,
               [&](std::size_t at, std::size_t n, const float* columns) HWY_ATTR {
                   all_outputs(map, columns, [&](std::size_t o, floats value) HWY_ATTR {
                       hn::Store(value, d, columns_of_z + o * max_float_lanes);
                   });
                   float* rows = z + at * map.outputs;
                   if (n == hn::Lanes(d)) {
                       columns_to_rows(columns_of_z, max_float_lanes, map.outputs, rows);
                       return;
                   }
                   for (std::size_t v = 0; v < n; v++)
                       for (std::size_t o = 0; o < map.outputs; o++)
                           rows[v * map.outputs + o] =
                               columns_of_z[o * max_float_lanes + v];
               });
}

void find_cells(const packed_map& map,
                const cell_thresholds& adcs,
                const float* x,
                std::size_t n_vectors,
                std::uint32_t* cells)
{
    const float_lanes d;
    const index_lanes di;
    in_columns(x,
               n_vectors,
               map.inputs,
               [&](std::size_t at, std::size_t n, const float* columns) HWY_ATTR {
                   indices cell = hn::Zero(di);
                   const float* t = adcs.thresholds.data();
                   all_outputs(map, columns, [&](std::size_t o, floats z) HWY_ATTR {
                       indices code = hn::Zero(di);
                       for (std::uint32_t i = 0; i < adcs.counts[o]; i++)
                           code = add_one_where(hn::Le(hn::Set(d, *t++), z), code);
                       cell = hn::Add(cell, hn::Mul(code, hn::Set(di, adcs.strides[o])));
                   });
                   if (n == hn::Lanes(di)) {
                       hn::StoreU(cell, di, cells + at);
                       return;
                   }
                   HWY_ALIGN std::uint32_t last[max_float_lanes];
                   hn::Store(cell, di, last);
                   std::copy_n(last, n, cells + at);
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
HWY_EXPORT(find_cells);

small_combiner::small_combiner(const float* weight,
                               const float* bias,
                               const float* gain,
                               std::size_t inputs,
                               std::size_t outputs)
{
    constexpr std::size_t together = 4;
    d_map.inputs = inputs;
    d_map.outputs = outputs;
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

void small_combiner::cells(const float* x,
                           std::size_t n_vectors,
                           const cell_thresholds& adcs,
                           std::uint32_t* cells) const noexcept
{
    HWY_DYNAMIC_DISPATCH(find_cells)(d_map, adcs, x, n_vectors, cells);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

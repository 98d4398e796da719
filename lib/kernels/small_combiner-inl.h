/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// The sums of a small combiner, for the kernels that go on from them. Included once for each
// target. Compiled without contraction of products and sums.
#if defined(FEWBIT_KERNELS_SMALL_COMBINER_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FEWBIT_KERNELS_SMALL_COMBINER_INL_H
#undef FEWBIT_KERNELS_SMALL_COMBINER_INL_H
#else
#define FEWBIT_KERNELS_SMALL_COMBINER_INL_H
#endif

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
using packed_map = small_combiner::packed_map;

// Outputs first .. first + O - 1 of one vector of columns, handed to use(first, outputs);
// returns the packed values' end.
template <std::size_t O, class Use>
HWY_INLINE const float* outputs(const packed_map& map,
                                const float* HWY_RESTRICT packed,
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
    for (std::size_t i = 0; i < map.inputs; i++, packed += O) {
        const floats in = hn::Load(d, x + i * max_float_lanes);
#pragma GCC unroll 4
        for (std::size_t o = 0; o < O; o++)
            z[o] = hn::Add(z[o], hn::Mul(hn::Set(d, packed[o]), in));
    }
    if (map.has_gains) {
#pragma GCC unroll 4
        for (std::size_t o = 0; o < O; o++)
            z[o] = hn::Mul(z[o], hn::Set(d, packed[o]));
    }
    use(first, z);
    return packed + O;
}

// All outputs of one vector of columns, in ascending order, four or less at a time.
template <class Use>
HWY_INLINE void all_outputs(const packed_map& map, const float* x, Use use)
{
    const float* packed = map.values.data();
    std::size_t o = 0;
    for (; o + 4 <= map.outputs; o += 4)
        packed = outputs<4>(map, packed, x, o, use);
    const std::size_t left = map.outputs - o;
    if (left == 3)
        outputs<3>(map, packed, x, o, use);
    else if (left == 2)
        outputs<2>(map, packed, x, o, use);
    else if (left == 1)
        outputs<1>(map, packed, x, o, use);
}

#if HWY_TARGET != HWY_SCALAR

// The outputs of a map of four, and of a multiple of four inputs, for as many vectors as there
// are lanes, straight from their rows: what has been turned over stays in registers.
HWY_INLINE void
outputs_of_rows(const packed_map& map, const float* HWY_RESTRICT x, floats (&z)[4])
{
    const float_lanes d;
    const float* HWY_RESTRICT packed = map.values.data();
#pragma GCC unroll 4
    for (std::size_t o = 0; o < 4; o++)
        z[o] = hn::Set(d, packed[o]);
    packed += 4;
    // Four pointers, not one and an index, for which compilers keep sixteen.
    const std::size_t n = map.inputs, apart = 4 * n;
    const float *r0 = x, *r1 = x + n, *r2 = r1 + n, *r3 = r2 + n;
    const float* const end = packed + 4 * n;
    for (; packed != end; packed += 16, r0 += 4, r1 += 4, r2 += 4, r3 += 4) {
        floats in[4] = {load_blocks(d, r0, apart),
                        load_blocks(d, r1, apart),
                        load_blocks(d, r2, apart),
                        load_blocks(d, r3, apart)};
        transpose_blocks(d, in[0], in[1], in[2], in[3]);
#pragma GCC unroll 4
        for (std::size_t i = 0; i < 4; i++)
#pragma GCC unroll 4
            for (std::size_t o = 0; o < 4; o++)
                z[o] = hn::Add(z[o], hn::Mul(hn::Set(d, packed[4 * i + o]), in[i]));
    }
    if (map.has_gains) {
#pragma GCC unroll 4
        for (std::size_t o = 0; o < 4; o++)
            z[o] = hn::Mul(z[o], hn::Set(d, packed[o]));
    }
}

#endif // HWY_TARGET != HWY_SCALAR

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

} // namespace
} // namespace HWY_NAMESPACE
} // namespace kernels
} // namespace fewbit
} // namespace gr
HWY_AFTER_NAMESPACE();

#endif // FEWBIT_KERNELS_SMALL_COMBINER_INL_H

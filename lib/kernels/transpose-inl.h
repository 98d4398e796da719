/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Rows of 32-bit values in memory to vectors with a row in each lane, and back. Included once for
// each target, as Highway's own -inl.h files are.
#if defined(FEWBIT_KERNELS_TRANSPOSE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FEWBIT_KERNELS_TRANSPOSE_INL_H
#undef FEWBIT_KERNELS_TRANSPOSE_INL_H
#else
#define FEWBIT_KERNELS_TRANSPOSE_INL_H
#endif

#include <hwy/highway.h>
#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
constexpr std::size_t max_float_lanes = 16;
using float_lanes = hn::CappedTag<float, max_float_lanes>;

#if HWY_TARGET != HWY_SCALAR

// 128-bit block b holds the four floats at p + b stride.
template <class D>
HWY_INLINE hn::Vec<D> load_blocks(D d, const float* p, std::size_t stride)
{
    if constexpr (hn::MaxLanes(D()) <= 4) {
        return hn::LoadU(d, p);
    } else {
        const hn::Half<D> half;
        const std::size_t blocks = hn::MaxLanes(half) / 4;
        return hn::Combine(d,
                           load_blocks(half, p + blocks * stride, stride),
                           load_blocks(half, p, stride));
    }
}

// use(block, its tag, b) of every 128-bit block, the first one's b being first.
template <class D, class Use>
HWY_INLINE void for_blocks(hn::Vec<D> v, D d, Use use, std::size_t first = 0)
{
    if constexpr (hn::MaxLanes(D()) <= 4) {
        use(v, d, first);
    } else {
        const hn::Half<D> half;
        const std::size_t blocks = hn::MaxLanes(half) / 4;
        for_blocks(hn::LowerHalf(half, v), half, use, first);
        for_blocks(hn::UpperHalf(half, v), half, use, first + blocks);
    }
}

template <class D>
HWY_INLINE void store_blocks(hn::Vec<D> v, D d, float* p, std::size_t stride)
{
    for_blocks(v, d, [&](auto block, auto tag, std::size_t b) HWY_ATTR {
        hn::StoreU(block, tag, p + b * stride);
    });
}

// The 4 x 4 matrices in each block of r0 .. r3, transposed in place.
template <class D, class V>
HWY_INLINE void transpose_blocks(D d, V& r0, V& r1, V& r2, V& r3)
{
    const V even_low = hn::InterleaveLower(d, r0, r2);
    const V odd_low = hn::InterleaveLower(d, r1, r3);
    const V even_high = hn::InterleaveUpper(d, r0, r2);
    const V odd_high = hn::InterleaveUpper(d, r1, r3);
    r0 = hn::InterleaveLower(d, even_low, odd_low);
    r1 = hn::InterleaveUpper(d, even_low, odd_low);
    r2 = hn::InterleaveLower(d, even_high, odd_high);
    r3 = hn::InterleaveUpper(d, even_high, odd_high);
}

#endif // HWY_TARGET != HWY_SCALAR

// Lanes(d) rows of n floats, one after another, to n vectors at columns, stride floats apart.
HWY_INLINE void rows_to_columns(const float* HWY_RESTRICT rows,
                                std::size_t n,
                                float* HWY_RESTRICT columns,
                                std::size_t stride)
{
    const float_lanes d;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
    for (; i + 4 <= n; i += 4) {
        auto c0 = load_blocks(d, rows + i, 4 * n);
        auto c1 = load_blocks(d, rows + n + i, 4 * n);
        auto c2 = load_blocks(d, rows + 2 * n + i, 4 * n);
        auto c3 = load_blocks(d, rows + 3 * n + i, 4 * n);
        transpose_blocks(d, c0, c1, c2, c3);
        hn::Store(c0, d, columns + i * stride);
        hn::Store(c1, d, columns + (i + 1) * stride);
        hn::Store(c2, d, columns + (i + 2) * stride);
        hn::Store(c3, d, columns + (i + 3) * stride);
    }
#endif
    for (; i < n; i++)
        for (std::size_t r = 0; r < lanes; r++)
            columns[i * stride + r] = rows[r * n + i];
}

// The reverse.
HWY_INLINE void columns_to_rows(const float* HWY_RESTRICT columns,
                                std::size_t stride,
                                std::size_t n,
                                float* HWY_RESTRICT rows)
{
    const float_lanes d;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
    for (; i + 4 <= n; i += 4) {
        auto r0 = hn::Load(d, columns + i * stride);
        auto r1 = hn::Load(d, columns + (i + 1) * stride);
        auto r2 = hn::Load(d, columns + (i + 2) * stride);
        auto r3 = hn::Load(d, columns + (i + 3) * stride);
        transpose_blocks(d, r0, r1, r2, r3);
        store_blocks(r0, d, rows + i, 4 * n);
        store_blocks(r1, d, rows + n + i, 4 * n);
        store_blocks(r2, d, rows + 2 * n + i, 4 * n);
        store_blocks(r3, d, rows + 3 * n + i, 4 * n);
    }
#endif
    for (; i < n; i++)
        for (std::size_t r = 0; r < lanes; r++)
            rows[r * n + i] = columns[i * stride + r];
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace kernels
} // namespace fewbit
} // namespace gr
HWY_AFTER_NAMESPACE();

#endif // FEWBIT_KERNELS_TRANSPOSE_INL_H

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Vectors whose length the compiler does not know cannot be kept in arrays, as the sums are.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/column_rests.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/column_rests.h"
#include "kernels/complex_planes-inl.h"
#include <hwy/highway.h>
#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using planes = column_rests::planes;
constexpr std::size_t stride = column_rests::lanes;
using tag = hn::CappedTag<float, stride>;
using vec = hn::Vec<tag>;

// The largest real or imaginary part becomes 1. Returns which lanes are zero.
HWY_INLINE hn::Mask<tag> normalise(planes& h, std::size_t lane)
{
    const tag d;
    const std::size_t values = h.rows * h.columns;
    vec largest = hn::Zero(d);
    for (std::size_t i = 0; i < values; i++) {
        const auto v = load(h, i * stride + lane);
        largest = hn::Max(largest, hn::Max(hn::Abs(v.re), hn::Abs(v.im)));
    }
    const auto zero = hn::Eq(largest, hn::Zero(d));
    // In two steps: the factor alone may be beyond float32.
    constexpr float far = 18446744073709551616.0f; // 2^64
    vec first = hn::IfThenElse(
        hn::Lt(largest, hn::Set(d, 1 / far)), hn::Set(d, far), hn::Set(d, 1.0f));
    first = hn::IfThenElse(hn::Gt(largest, hn::Set(d, far)), hn::Set(d, 1 / far), first);
    const vec near = hn::IfThenElse(zero, hn::Set(d, 1.0f), hn::Mul(largest, first));
    const vec second = hn::Div(hn::Set(d, 1.0f), near);
    for (std::size_t i = 0; i < values; i++) {
        const auto v = load(h, i * stride + lane);
        store({hn::Mul(hn::Mul(v.re, first), second),
               hn::Mul(hn::Mul(v.im, first), second)},
              h,
              i * stride + lane);
    }
    return zero;
}

HWY_INLINE vec power(const lists<planes>& column, std::size_t n)
{
    vec even = hn::Zero(tag()), odd = even;
    for (std::size_t p = 0; p < n; p++) {
        const auto v = column.value(0, p);
        even = hn::MulAdd(v.re, v.re, even);
        odd = hn::MulAdd(v.im, v.im, odd);
    }
    return hn::Add(even, odd);
}

// Columns j to j + C - 1 less their projections on column l, whose square's inverse is known.
template <int C>
HWY_INLINE void
project(planes& h, std::size_t l, std::size_t j, vec inverse, std::size_t lane)
{
    products<planes, 1, C> of;
    const auto a = columns_of(h, l, 0, lane), b = columns_of(h, j, 0, lane);
    of.compute(a, b, h.rows);
#pragma GCC unroll 4
    for (int c = 0; c < C; c++)
        of.sum[0][c] = {hn::Mul(of.sum[0][c].re, inverse),
                        hn::Mul(of.sum[0][c].im, inverse)};
    for (std::size_t p = 0; p < h.rows; p++) {
        const auto own = a.value(0, p);
#pragma GCC unroll 4
        for (std::size_t c = 0; c < C; c++) {
            auto v = b.value(c, p);
            subtract_product(v, of.sum[0][c], own);
            store(v, h, h.at(p, j + c) + lane);
        }
    }
}

void spread(const float* h, planes& to) { spread_lanes(h, to); }

void measure_lanes(planes& h, float* least)
{
    const tag d;
    for_lanes<planes>([&](std::size_t lane) HWY_ATTR {
        const auto zero = normalise(h, lane);
        vec longest = hn::Zero(d);
        for (std::size_t j = 0; j < h.columns; j++)
            longest = hn::Max(longest, power(columns_of(h, j, 0, lane), h.rows));
        vec shortest = longest;
        for (std::size_t l = 0; l < h.columns; l++) {
            const vec rest = power(columns_of(h, l, 0, lane), h.rows);
            shortest = hn::Min(shortest, rest);
            const vec inverse =
                hn::Div(hn::Set(d, 1.0f), hn::Max(rest, hn::Set(d, 1e-30f)));
            std::size_t j = l + 1;
            for (; j + 4 <= h.columns; j += 4)
                project<4>(h, l, j, inverse, lane);
            for (; j < h.columns; j++)
                project<1>(h, l, j, inverse, lane);
        }
        const vec ratio = hn::Div(shortest, hn::Max(longest, hn::Set(d, 1e-30f)));
        hn::StoreU(hn::IfThenElse(zero, hn::Set(d, -1.0f), ratio), d, least + lane);
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

HWY_EXPORT(spread);
HWY_EXPORT(measure_lanes);

column_rests::column_rests(std::size_t antennas, std::size_t users) : d_h(antennas, users)
{
}

void column_rests::measure(const std::complex<float>* h,
                           std::size_t n,
                           float* least) noexcept
{
    if (n == lanes)
        HWY_DYNAMIC_DISPATCH(spread)(reinterpret_cast<const float*>(h), d_h);
    else
        d_h.load(h, n);
    float found[lanes];
    HWY_DYNAMIC_DISPATCH(measure_lanes)(d_h, found);
    std::copy_n(found, n, least);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

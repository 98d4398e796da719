/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Vectors whose length the compiler does not know cannot be kept in arrays, as pairs_of_rows
// are; processors that have them run the fixed-length kernel.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/soft_bits.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/soft_bits.h"
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// f on n floats: whole vectors, then one lane at a time, which needs no padding.
template <class F>
HWY_INLINE void for_each_vector(std::size_t n, F f)
{
    const hn::ScalableTag<float> d;
    const hn::CappedTag<float, 1> one;
    std::size_t i = 0;
    for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d))
        f(d, i);
    for (; i < n; i++)
        f(one, i);
}

template <class V>
HWY_INLINE V nan_to_zero(V x)
{
    return hn::IfThenElseZero(hn::Eq(x, x), x);
}

template <class D>
HWY_INLINE hn::Vec<D> clipped(D d, hn::Vec<D> x, float limit)
{
    return hn::Min(hn::Max(nan_to_zero(x), hn::Set(d, -limit)), hn::Set(d, limit));
}

// tanh(x) = x P(x^2) / Q(x^2) on |x| <= 9, beyond which it is 1 in float32. P and Q are
// the minimax fit of the relative error (2e-8 before rounding), found by Lawson's
// iteration.
template <class D>
HWY_INLINE hn::Vec<D> tanh_of(D d, hn::Vec<D> unbounded)
{
    const auto x = clipped(d, unbounded, 9.0f);
    const auto y = hn::Mul(x, x);
    auto p = hn::Set(d, 1.33546347e-08f);
    p = hn::MulAdd(p, y, hn::Set(d, 2.06090608e-05f));
    p = hn::MulAdd(p, y, hn::Set(d, 0.0034955868f));
    p = hn::MulAdd(p, y, hn::Set(d, 0.133810252f));
    p = hn::MulAdd(p, y, hn::Set(d, 1.0f));
    auto q = hn::Set(d, 7.77654691e-07f);
    q = hn::MulAdd(q, y, hn::Set(d, 0.00032856327f));
    q = hn::MulAdd(q, y, hn::Set(d, 0.0258769765f));
    q = hn::MulAdd(q, y, hn::Set(d, 0.467143387f));
    q = hn::MulAdd(q, y, hn::Set(d, 1.0f));
    return hn::Div(hn::Mul(x, p), q);
}

void tanh_all(const float* in, float scale, float* out, std::size_t n)
{
    for_each_vector(n, [=](auto d, std::size_t i) HWY_ATTR {
        hn::StoreU(
            tanh_of(d, hn::Mul(hn::LoadU(d, in + i), hn::Set(d, scale))), d, out + i);
    });
}

void nearest_all(const float* in,
                 std::size_t n,
                 float first,
                 float step,
                 float last_index,
                 std::int32_t* indices)
{
    for_each_vector(n, [=](auto d, std::size_t i) HWY_ATTR {
        const hn::RebindToSigned<decltype(d)> di;
        const auto from_first = hn::Sub(hn::LoadU(d, in + i), hn::Set(d, first));
        const auto place =
            hn::Sub(hn::Mul(from_first, hn::Set(d, 1.0f / step)), hn::Set(d, 0.5f));
        const auto index =
            hn::Min(hn::Max(hn::Ceil(place), hn::Zero(d)), hn::Set(d, last_index));
        hn::StoreU(hn::ConvertTo(di, index), di, indices + i);
    });
}

void clip_all(float* values, std::size_t n, float scale, float limit)
{
    for_each_vector(n, [=](auto d, std::size_t i) HWY_ATTR {
        const auto scaled = hn::Mul(hn::LoadU(d, values + i), hn::Set(d, scale));
        hn::StoreU(clipped(d, scaled, limit), d, values + i);
    });
}

// What no vector takes: the columns from first on.
void scatter(const float* values,
             std::size_t n_rows,
             std::size_t first,
             std::size_t n,
             float* rows,
             std::size_t stride)
{
    for (std::size_t s = first; s < n; s++)
        for (std::size_t k = 0; k < n_rows; k++)
            rows[k * stride + s] = values[s * n_rows + k];
}

void gather(const float* rows,
            std::size_t n_rows,
            std::size_t first,
            std::size_t n,
            std::size_t stride,
            float* values)
{
    for (std::size_t s = first; s < n; s++)
        for (std::size_t k = 0; k < n_rows; k++)
            values[s * n_rows + k] = rows[k * stride + s];
}

#if HWY_TARGET == HWY_SCALAR
template <std::size_t n_pairs>
std::size_t scatter_fours(const float*, std::size_t, float*, std::size_t)
{
    return 0;
}

template <std::size_t n_pairs>
std::size_t gather_fours(const float*, std::size_t, std::size_t, float*)
{
    return 0;
}
#else
using four_tag = hn::CappedTag<float, 4>;
using four = hn::Vec<four_tag>;

// Two columns of all rows, side by side in n_pairs vectors, are the halves (row 0 and 1 of
// the first column), (row 2 and 3 of it), ..., (row 0 and 1 of the second), ...; a pair of
// rows is a vector with the halves of both columns.
template <std::size_t n_pairs>
HWY_INLINE void store_two_columns(const four (&pairs)[n_pairs], float* values)
{
    const four_tag d;
#pragma GCC unroll 4
    for (std::size_t i = 0; i < n_pairs; i++) {
        const four lower = pairs[2 * i % n_pairs];
        const four upper = pairs[(2 * i + 1) % n_pairs];
        four both;
        if (2 * i + 1 < n_pairs)
            both = hn::ConcatLowerLower(d, upper, lower);
        else if (2 * i < n_pairs)
            both = hn::ConcatUpperLower(d, upper, lower);
        else
            both = hn::ConcatUpperUpper(d, upper, lower);
        hn::StoreU(both, d, values + 4 * i);
    }
}

template <std::size_t n_pairs>
HWY_INLINE void load_two_columns(const float* values, four (&pairs)[n_pairs])
{
    const four_tag d;
#pragma GCC unroll 4
    for (std::size_t p = 0; p < n_pairs; p++) {
        // The pair's half of the first column and that of the second one.
        const four first = hn::LoadU(d, values + p / 2 * 4);
        const four second = hn::LoadU(d, values + (n_pairs + p) / 2 * 4);
        if (p % 2 == 0 && n_pairs % 2 == 0)
            pairs[p] = hn::ConcatLowerLower(d, second, first);
        else if (p % 2 == 0)
            pairs[p] = hn::ConcatUpperLower(d, second, first);
        else if (n_pairs % 2 == 1)
            pairs[p] = hn::ConcatLowerUpper(d, second, first);
        else
            pairs[p] = hn::ConcatUpperUpper(d, second, first);
    }
}

// Four columns at a time; these return the columns done.
template <std::size_t n_pairs>
std::size_t scatter_fours(const float* HWY_RESTRICT values,
                          std::size_t n,
                          float* HWY_RESTRICT rows,
                          std::size_t stride)
{
    const four_tag d;
    std::size_t s = 0;
    for (; s + 4 <= n; s += 4, values += 8 * n_pairs) {
        four early[n_pairs], late[n_pairs];
        load_two_columns(values, early);
        load_two_columns(values + 4 * n_pairs, late);
#pragma GCC unroll 4
        for (std::size_t p = 0; p < n_pairs; p++) {
            float* row = rows + 2 * p * stride + s;
            hn::StoreU(hn::ConcatEven(d, late[p], early[p]), d, row);
            hn::StoreU(hn::ConcatOdd(d, late[p], early[p]), d, row + stride);
        }
    }
    return s;
}

template <std::size_t n_pairs>
std::size_t gather_fours(const float* HWY_RESTRICT rows,
                         std::size_t n,
                         std::size_t stride,
                         float* HWY_RESTRICT values)
{
    const four_tag d;
    std::size_t s = 0;
    for (; s + 4 <= n; s += 4, values += 8 * n_pairs) {
        four early[n_pairs], late[n_pairs];
#pragma GCC unroll 4
        for (std::size_t p = 0; p < n_pairs; p++) {
            const four even = hn::LoadU(d, rows + 2 * p * stride + s);
            const four odd = hn::LoadU(d, rows + (2 * p + 1) * stride + s);
            early[p] = hn::InterleaveLower(d, even, odd);
            late[p] = hn::InterleaveUpper(d, even, odd);
        }
        store_two_columns(early, values);
        store_two_columns(late, values + 4 * n_pairs);
    }
    return s;
}
#endif

void scatter_all(const float* values,
                 std::size_t n_rows,
                 std::size_t n,
                 float* rows,
                 std::size_t stride)
{
    const std::size_t done = n_rows == 4   ? scatter_fours<2>(values, n, rows, stride)
                             : n_rows == 6 ? scatter_fours<3>(values, n, rows, stride)
                             : n_rows == 8 ? scatter_fours<4>(values, n, rows, stride)
                                           : 0;
    scatter(values, n_rows, done, n, rows, stride);
}

void gather_all(const float* rows,
                std::size_t n_rows,
                std::size_t n,
                std::size_t stride,
                float* values)
{
    const std::size_t done = n_rows == 4   ? gather_fours<2>(rows, n, stride, values)
                             : n_rows == 6 ? gather_fours<3>(rows, n, stride, values)
                             : n_rows == 8 ? gather_fours<4>(rows, n, stride, values)
                                           : 0;
    gather(rows, n_rows, done, n, stride, values);
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

HWY_EXPORT(tanh_all);
HWY_EXPORT(nearest_all);
HWY_EXPORT(clip_all);
HWY_EXPORT(scatter_all);
HWY_EXPORT(gather_all);

void scaled_tanh(const float* in, float scale, float* out, std::size_t n) noexcept
{
    HWY_DYNAMIC_DISPATCH(tanh_all)(in, scale, out, n);
}

void to_rows(const float* values,
             std::size_t n_rows,
             std::size_t n,
             float* rows,
             std::size_t stride) noexcept
{
    HWY_DYNAMIC_DISPATCH(scatter_all)(values, n_rows, n, rows, stride);
}

void from_rows(const float* rows,
               std::size_t n_rows,
               std::size_t n,
               std::size_t stride,
               float* values) noexcept
{
    HWY_DYNAMIC_DISPATCH(gather_all)(rows, n_rows, n, stride, values);
}

void nearest_points(const float* in,
                    std::size_t n,
                    float first,
                    float step,
                    unsigned levels,
                    std::int32_t* indices) noexcept
{
    HWY_DYNAMIC_DISPATCH(nearest_all)
    (in, n, first, step, static_cast<float>(levels - 1), indices);
}

void scale_and_clip(float* values, std::size_t n, float scale, float limit) noexcept
{
    HWY_DYNAMIC_DISPATCH(clip_all)(values, n, scale, limit);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

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

namespace {

// With the row count known, the compiler unrolls the inner loop. Scattered single floats
// are limited by the store port, which a shuffle network would not relieve by much here.
template <std::size_t rows_known>
void scatter(const float* values, std::size_t n, float* rows, std::size_t stride)
{
    for (std::size_t s = 0; s < n; s++)
        for (std::size_t k = 0; k < rows_known; k++)
            rows[k * stride + s] = values[s * rows_known + k];
}

template <std::size_t rows_known>
void gather(const float* rows, std::size_t n, std::size_t stride, float* values)
{
    for (std::size_t s = 0; s < n; s++)
        for (std::size_t k = 0; k < rows_known; k++)
            values[s * rows_known + k] = rows[k * stride + s];
}

} // namespace

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
    switch (n_rows) {
    case 4:
        return scatter<4>(values, n, rows, stride);
    case 6:
        return scatter<6>(values, n, rows, stride);
    case 8:
        return scatter<8>(values, n, rows, stride);
    default:
        for (std::size_t s = 0; s < n; s++)
            for (std::size_t k = 0; k < n_rows; k++)
                rows[k * stride + s] = values[s * n_rows + k];
    }
}

void from_rows(const float* rows,
               std::size_t n_rows,
               std::size_t n,
               std::size_t stride,
               float* values) noexcept
{
    switch (n_rows) {
    case 4:
        return gather<4>(rows, n, stride, values);
    case 6:
        return gather<6>(rows, n, stride, values);
    case 8:
        return gather<8>(rows, n, stride, values);
    default:
        for (std::size_t s = 0; s < n; s++)
            for (std::size_t k = 0; k < n_rows; k++)
                values[s * n_rows + k] = rows[k * stride + s];
    }
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

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/qam_llrs.cc"
#include <hwy/foreach_target.h> // IWYU pragma: keep

#include "kernels/qam_llrs.h"
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
constexpr std::size_t max_lanes = 16;
using tag = hn::CappedTag<float, max_lanes>;
using vec = hn::Vec<tag>;
using mask = hn::Mask<tag>;

constexpr float least_gain = 1e-30f;  // of |h|^2
constexpr float least_noise = 1e-12f; // what a smaller variance is taken for
constexpr float far = 1e15f; // coordinates stay below, so that their squares are finite
constexpr float least_sum = 1e-30f; // exp(-69): keeps ratios of sums inside float32

// Metrics -(t - g a)^2 of all levels, each a vector in memory, and the largest.
template <unsigned Bits>
HWY_INLINE vec metrics(const float* levels, vec t, vec g, float* HWY_RESTRICT m)
{
    const tag d;
    vec largest = hn::Set(d, -2.0f * far * far);
    for (unsigned v = 0; v < 1u << Bits; ++v) {
        const vec e = hn::NegMulAdd(hn::Set(d, levels[v]), g, t);
        const vec metric = hn::Neg(hn::Mul(e, e));
        largest = hn::Max(largest, metric);
        hn::Store(metric, d, m + v * max_lanes);
    }
    return largest;
}

template <unsigned Bits>
HWY_INLINE void
exact_axis(const qam_llrs_axis& axis, vec t, vec g, mask usable, float* out)
{
    const tag d;
    HWY_ALIGN float m[(1u << Bits) * max_lanes];
    const vec largest = metrics<Bits>(axis.levels, t, g, m);
    for (unsigned v = 0; v < 1u << Bits; ++v) {
        float* one = m + v * max_lanes;
        hn::Store(hn::Exp(d, hn::Sub(hn::Load(d, one), largest)), d, one);
    }
    const vec limit = hn::Set(d, axis.limit);
    for (unsigned k = 0; k < Bits; ++k) {
        vec zeros = hn::Zero(d), ones = zeros;
        for (unsigned v = 0; v < 1u << Bits; ++v) {
            vec& of_bit = (v >> (Bits - 1 - k)) & 1u ? ones : zeros;
            of_bit = hn::Add(of_bit, hn::Load(d, m + v * max_lanes));
        }
        const vec least = hn::Set(d, least_sum);
        const vec llr = hn::Log(d, hn::Div(hn::Max(ones, least), hn::Max(zeros, least)));
        hn::Store(hn::IfThenElseZero(usable, hn::Clamp(llr, hn::Neg(limit), limit)),
                  d,
                  out + k * qam_llrs_chunk);
    }
}

template <unsigned Bits>
HWY_INLINE void
max_log_axis(const qam_llrs_axis& axis, vec t, vec g, mask usable, float* out)
{
    const tag d;
    HWY_ALIGN float m[(1u << Bits) * max_lanes];
    metrics<Bits>(axis.levels, t, g, m);
    const vec limit = hn::Set(d, axis.limit);
    for (unsigned k = 0; k < Bits; ++k) {
        vec zeros = hn::Set(d, -2.0f * far * far), ones = zeros;
        for (unsigned v = 0; v < 1u << Bits; ++v) {
            vec& of_bit = (v >> (Bits - 1 - k)) & 1u ? ones : zeros;
            of_bit = hn::Max(of_bit, hn::Load(d, m + v * max_lanes));
        }
        const vec llr = hn::Sub(ones, zeros);
        hn::Store(hn::IfThenElseZero(usable, hn::Clamp(llr, hn::Neg(limit), limit)),
                  d,
                  out + k * qam_llrs_chunk);
    }
}

template <unsigned Bits>
std::size_t demap(const qam_llrs_axis& axis, qam_llrs_memory& memory, std::size_t n)
{
    const tag d;
    const vec zero = hn::Zero(d);
    const vec bound = hn::Set(d, far);
    std::size_t finite = 0;
    for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
        vec yr, yi, hr, hi;
        hn::LoadInterleaved2(d, memory.y + 2 * i, yr, yi);
        hn::LoadInterleaved2(d, memory.h + 2 * i, hr, hi);
        const vec noise = hn::Load(d, memory.noise + i);
        const vec power = hn::MulAdd(hr, hr, hn::Mul(hi, hi));
        const vec re = hn::MulAdd(hr, yr, hn::Mul(hi, yi));
        const vec im = hn::MulSub(hr, yi, hn::Mul(hi, yr));
        // x - x is 0 for finite x alone, and any bad operand makes the sum bad.
        const vec all = hn::Add(hn::Add(re, im), hn::Add(power, noise));
        const mask sound = hn::And(hn::Eq(hn::Sub(all, all), zero), hn::Ge(noise, zero));
        const mask usable = hn::And(sound, hn::Gt(power, hn::Set(d, least_gain)));

        const vec safe_power = hn::IfThenElse(usable, power, hn::Set(d, 1.0f));
        const vec safe_noise = hn::Max(hn::IfThenElse(usable, noise, hn::Set(d, 1.0f)),
                                       hn::Set(d, least_noise));
        const vec gain = hn::Sqrt(safe_power);
        const vec per_deviation = hn::Div(hn::Set(d, 1.0f), hn::Sqrt(safe_noise));
        const vec scale = hn::Div(per_deviation, gain);
        const vec g = hn::Min(hn::Mul(gain, per_deviation), bound);
        const auto one_axis = [&](vec x, float* out) HWY_ATTR {
            const vec t = hn::Clamp(
                hn::Mul(hn::IfThenElseZero(usable, x), scale), hn::Neg(bound), bound);
            if (axis.exact && Bits > 1) // with one bit an axis, both are the same
                exact_axis<Bits>(axis, t, g, usable, out);
            else
                max_log_axis<Bits>(axis, t, g, usable, out);
        };
        one_axis(re, memory.llrs[0][0] + i);
        one_axis(im, memory.llrs[1][0] + i);
        finite += hn::CountTrue(d, sound);
    }
    const std::size_t demapped = (n + hn::Lanes(d) - 1) / hn::Lanes(d) * hn::Lanes(d);
    return demapped - finite; // lanes beyond n hold finite values
}

std::size_t any_axis(const qam_llrs_axis& axis, qam_llrs_memory& memory, std::size_t n)
{
    switch (axis.bits) {
    case 1:
        return demap<1>(axis, memory, n);
    case 2:
        return demap<2>(axis, memory, n);
    case 3:
        return demap<3>(axis, memory, n);
    default:
        return demap<4>(axis, memory, n);
    }
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

HWY_EXPORT(any_axis);

std::size_t
qam_llrs(const qam_llrs_axis& axis, qam_llrs_memory& memory, std::size_t n) noexcept
{
    return HWY_DYNAMIC_DISPATCH(any_axis)(axis, memory, n);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif // HWY_ONCE

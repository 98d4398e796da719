/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/mixture_llrs.cc"
#include <hwy/foreach_target.h> // IWYU pragma: keep

#include "kernels/mixture_llrs.h"
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
constexpr std::size_t max_lanes = 16; // aligned_stride() is a multiple
using tag = hn::CappedTag<float, max_lanes>;
using vec = hn::Vec<tag>;
using mask = hn::Mask<tag>;

constexpr float least_variance = 1e-12f, largest_variance = 1e30f;
constexpr float far = 1e15f; // differences of squares of what is below stay finite
constexpr float limit = 64.0f;
// The largest term is 1. One of e^-80 is nothing beside what an LLR of 64 leaves of the other sum,
// e^-64, and no subnormal number comes up.
constexpr float least_exponent = -80.0f;
constexpr float least_sum = 1e-30f; // e^-69

HWY_INLINE mask is_finite(vec x) { return hn::Eq(hn::Sub(x, x), hn::Zero(tag())); }

// Thresholds are even: the level of o is 2 floor(o / 2) + 1, within the outermost.
HWY_INLINE vec next_level(vec o, float outermost)
{
    const tag d;
    const vec pair = hn::Floor(hn::Mul(o, hn::Set(d, 0.5f)));
    const vec level = hn::MulAdd(hn::Set(d, 2.0f), pair, hn::Set(d, 1.0f));
    return hn::Clamp(level, hn::Set(d, -outermost), hn::Set(d, outermost));
}

float sum_of_distances(const mixture_llrs_memory& memory, unsigned bits)
{
    const tag d;
    const vec one = hn::Set(d, 1.0f);
    const float outermost = static_cast<float>((1 << bits) - 1);
    vec sum = hn::Zero(d);
    for (std::size_t axis = 0; axis < 2; axis++)
        for (std::size_t i = 0; i < memory.users; i += hn::Lanes(d)) {
            const vec o = hn::Load(d, memory.outputs.data() + axis * memory.stride + i);
            const vec e = hn::Sub(o, next_level(o, outermost));
            const vec square = hn::Min(hn::Mul(e, e), one);
            sum = hn::Add(sum, hn::IfThenElse(is_finite(o), square, one));
        }
    return hn::GetLane(hn::SumOfLanes(d, sum));
}

// What the wide Gaussian is to the narrow one.
struct balance {
    explicit balance(const mixture_llrs_law& law)
        : log_weight(law.log_weight),
          widening(1.0f / (1.0f + law.kappa)),
          rest(law.kappa / (1.0f + law.kappa))
    {
    }
    float log_weight, widening, rest; // rest = 1 - widening, exact where that is small
};

HWY_INLINE vec term(vec exponent)
{
    const tag d;
    return hn::Exp(d, hn::Max(exponent, hn::Set(d, least_exponent)));
}

// p(l) of every level, each a vector in memory, in units of the largest term of all. With l' the
// level next to o, (o - l)^2 - (o - l')^2 = (l' - l) (2 o - l' - l).
template <unsigned Bits, bool Wide>
HWY_INLINE void probabilities(const float* levels,
                              const balance& b,
                              vec o,
                              vec half_precision,
                              float* HWY_RESTRICT p)
{
    const tag d;
    const vec zero = hn::Zero(d);
    const vec next = next_level(o, static_cast<float>((1 << Bits) - 1));
    const vec e = hn::Sub(o, next);
    const vec twice = hn::Add(o, e);
    // The narrow Gaussian's exponent at l' less the wide one's.
    const vec lead = hn::NegMulAdd(hn::Set(d, b.rest),
                                   hn::Mul(hn::Mul(e, half_precision), e),
                                   hn::Set(d, -b.log_weight));
    const vec narrow = hn::Min(lead, zero), wide = hn::Max(lead, zero);
#pragma GCC unroll 16
    for (unsigned v = 0; v < 1u << Bits; v++) {
        const vec level = hn::Set(d, levels[v]);
        const vec sum = hn::Mul(hn::Sub(twice, level), half_precision);
        const vec less = hn::Mul(hn::Sub(level, next), sum); // at most 0
        vec found;
        if (Wide)
            found = hn::Add(term(hn::Add(less, narrow)),
                            term(hn::MulSub(hn::Set(d, b.widening), less, wide)));
        else
            found = term(less);
        hn::Store(found, d, p + v * max_lanes);
    }
}

template <unsigned Bits>
HWY_INLINE void
sum_up(const float* HWY_RESTRICT p, vec share, mask usable, float* out, std::size_t step)
{
    const tag d;
    const vec least = hn::Set(d, least_sum), bound = hn::Set(d, limit);
#pragma GCC unroll 4
    for (unsigned k = 0; k < Bits; k++) {
        vec zeros = hn::Zero(d), ones = zeros;
#pragma GCC unroll 16
        for (unsigned v = 0; v < 1u << Bits; v++) {
            vec& of_bit = v >> (Bits - 1 - k) & 1u ? ones : zeros;
            of_bit = hn::Add(of_bit, hn::Load(d, p + v * max_lanes));
        }
        const vec of_both = hn::Mul(share, hn::Add(zeros, ones));
        const vec ratio = hn::Div(hn::Max(hn::Add(ones, of_both), least),
                                  hn::Max(hn::Add(zeros, of_both), least));
        const vec llr = hn::Clamp(hn::Log(d, ratio), hn::Neg(bound), bound);
        hn::Store(hn::IfThenElseZero(usable, llr), d, out + k * step);
    }
}

template <unsigned Bits, bool Wide>
void demap(const mixture_llrs_axis& axis,
           const mixture_llrs_law& law,
           mixture_llrs_memory& memory)
{
    const tag d;
    const balance b(law);
    const vec slope = hn::Set(d, law.slope), constant = hn::Set(d, law.constant);
    const vec share = hn::Set(d, law.share), bound = hn::Set(d, far);
    HWY_ALIGN float p[(1u << Bits) * max_lanes];
    for (std::size_t i = 0; i < memory.users; i += hn::Lanes(d)) {
        const vec told =
            hn::MulAdd(slope, hn::Load(d, memory.errors.data() + i), constant);
        const vec variance =
            hn::Clamp(told, hn::Set(d, least_variance), hn::Set(d, largest_variance));
        const vec half_precision = hn::Div(hn::Set(d, 0.5f), variance);
        for (std::size_t at = 0; at < 2; at++) {
            const vec told_o =
                hn::Load(d, memory.outputs.data() + at * memory.stride + i);
            const mask usable = is_finite(told_o);
            const vec o =
                hn::Clamp(hn::IfThenElseZero(usable, told_o), hn::Neg(bound), bound);
            probabilities<Bits, Wide>(axis.levels, b, o, half_precision, p);
            sum_up<Bits>(p,
                         share,
                         usable,
                         memory.llrs.data() + at * memory.stride + i,
                         2 * memory.stride);
        }
    }
}

template <unsigned Bits>
void either_form(const mixture_llrs_axis& axis,
                 const mixture_llrs_law& law,
                 mixture_llrs_memory& memory)
{
    if (law.wide)
        demap<Bits, true>(axis, law, memory);
    else
        demap<Bits, false>(axis, law, memory);
}

void any_axis(const mixture_llrs_axis& axis,
              const mixture_llrs_law& law,
              mixture_llrs_memory& memory)
{
    switch (axis.bits) {
    case 1:
        return either_form<1>(axis, law, memory);
    case 2:
        return either_form<2>(axis, law, memory);
    case 3:
        return either_form<3>(axis, law, memory);
    default:
        return either_form<4>(axis, law, memory);
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

HWY_EXPORT(sum_of_distances);
HWY_EXPORT(any_axis);

float distance_from_levels(const mixture_llrs_memory& memory, unsigned bits) noexcept
{
    return HWY_DYNAMIC_DISPATCH(sum_of_distances)(memory, bits);
}

void mixture_llrs(const mixture_llrs_axis& axis,
                  const mixture_llrs_law& law,
                  mixture_llrs_memory& memory) noexcept
{
    HWY_DYNAMIC_DISPATCH(any_axis)(axis, law, memory);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif // HWY_ONCE

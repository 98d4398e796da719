/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/mixture_llrs.cc"
#include <hwy/foreach_target.h> // IWYU pragma: keep

#include "kernels/mixture_llrs.h"
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
constexpr float log2_e = 1.44269504f, log_2 = 0.693147181f;
// Of 2. The largest term is 1. One of 2^-115 is nothing beside what an LLR of 64 leaves of the
// other sum, 2^-92, and no subnormal number comes up.
constexpr float least_exponent = -115.0f;
constexpr float least_sum = 1e-30f; // 2^-99.7

HWY_INLINE mask is_finite(vec x) { return hn::Eq(hn::Sub(x, x), hn::Zero(tag())); }

// Thresholds are even: the level of o is 2 floor(o / 2) + 1, within the outermost.
HWY_INLINE vec next_level(vec o, float outermost)
{
    const tag d;
    const vec pair = hn::Floor(hn::Mul(o, hn::Set(d, 0.5f)));
    const vec level = hn::MulAdd(hn::Set(d, 2.0f), pair, hn::Set(d, 1.0f));
    return hn::Clamp(level, hn::Set(d, -outermost), hn::Set(d, outermost));
}

// What the wide Gaussian is to the narrow one.
struct balance {
    explicit balance(const mixture_llrs_law& law)
        : log_weight(log2_e * law.log_weight),
          widening(1.0f / (1.0f + law.kappa)),
          rest(law.kappa / (1.0f + law.kappa))
    {
    }
    float log_weight;     // of 2, as all exponents here
    float widening, rest; // rest = 1 - widening, exact where that is small
};

// 2^x of x <= 0, within 2e-7 of itself: a minimax fit of 2^f, |f| <= 1/2, with 2^0 = 1. It and the
// next are half the work of Highway's Exp and Log, which know all floats.
HWY_INLINE vec power_of_two(vec x)
{
    const tag d;
    const hn::RebindToSigned<tag> di;
    x = hn::Max(x, hn::Set(d, least_exponent));
    // Beside 1.5 2^23 a float's last bits are a whole number.
    const vec shift = hn::Set(d, 12582912.0f);
    const vec whole = hn::Add(x, shift);
    const vec f = hn::Sub(x, hn::Sub(whole, shift));
    vec p = hn::MulAdd(hn::Set(d, 0.0013264727f), f, hn::Set(d, 0.009671513f));
    p = hn::MulAdd(p, f, hn::Set(d, 0.055507336f));
    p = hn::MulAdd(p, f, hn::Set(d, 0.24022242f));
    p = hn::MulAdd(p, f, hn::Set(d, 0.693147f));
    p = hn::MulAdd(p, f, hn::Set(d, 1.0f));
    return hn::BitCast(
        d, hn::Add(hn::BitCast(di, p), hn::ShiftLeft<23>(hn::BitCast(di, whole))));
}

// v_i in units of which exponents of 2 are: log2(e) / (2 v_i).
HWY_INLINE vec half_precision(const mixture_llrs_law& law, const float* errors)
{
    const tag d;
    const vec told =
        hn::MulAdd(hn::Set(d, law.slope), hn::Load(d, errors), hn::Set(d, law.constant));
    const vec variance =
        hn::Clamp(told, hn::Set(d, least_variance), hn::Set(d, largest_variance));
    return hn::Div(hn::Set(d, 0.5f * log2_e), variance);
}

// 1 / (1 + 2^-x) of x = -4 m log2(e) / (2 v), the second nearest level's; 0 beyond the users.
HWY_INLINE vec share_of_second(vec o, float outermost, vec precision, mask counts)
{
    const tag d;
    const vec one = hn::Set(d, 1.0f), most = hn::Set(d, outermost - 1.0f);
    const mask usable = is_finite(o);
    const vec finite = hn::IfThenElseZero(usable, o);
    const vec even =
        hn::Mul(hn::Set(d, 2.0f), hn::Round(hn::Mul(finite, hn::Set(d, 0.5f))));
    const vec threshold = hn::Clamp(even, hn::Neg(most), most);
    const vec margin = hn::Abs(hn::Sub(finite, threshold));
    const vec odds = power_of_two(hn::Mul(hn::Mul(hn::Set(d, -4.0f), margin), precision));
    const vec share = hn::Div(odds, hn::Add(one, odds));
    return hn::IfThenElseZero(counts, hn::IfThenElse(usable, share, hn::Set(d, 0.5f)));
}

float sum_of_foreseen(unsigned bits,
                      const mixture_llrs_law& law,
                      const mixture_llrs_memory& memory)
{
    const tag d;
    const float outermost = static_cast<float>((1 << bits) - 1);
    vec sum = hn::Zero(d);
    for (std::size_t i = 0; i < memory.users; i += hn::Lanes(d)) {
        const vec precision = half_precision(law, memory.errors.data() + i);
        const mask counts = hn::FirstN(d, memory.users - i);
        for (std::size_t axis = 0; axis < 2; axis++) {
            const vec o = hn::Load(d, memory.outputs.data() + axis * memory.stride + i);
            sum = hn::Add(sum, share_of_second(o, outermost, precision, counts));
        }
    }
    return hn::GetLane(hn::SumOfLanes(d, sum));
}

// log(a / b) of normal numbers, within 2e-7 of max(1, |log(a / b)|). Of the mantissas' quotient,
// 1/2 to 2, it is 2 atanh z with z = (a - b) / (a + b): a minimax fit for |z| <= 1/3.
HWY_INLINE vec log_of_ratio(vec a, vec b)
{
    const tag d;
    const hn::RebindToSigned<tag> di;
    const auto mantissa = hn::Set(di, 0x007fffff), one = hn::Set(di, 0x3f800000);
    const auto bits_a = hn::BitCast(di, a), bits_b = hn::BitCast(di, b);
    const auto exponents =
        hn::Sub(hn::ShiftRight<23>(bits_a), hn::ShiftRight<23>(bits_b));
    const vec m_a = hn::BitCast(d, hn::Or(hn::And(bits_a, mantissa), one));
    const vec m_b = hn::BitCast(d, hn::Or(hn::And(bits_b, mantissa), one));
    const vec z = hn::Div(hn::Sub(m_a, m_b), hn::Add(m_a, m_b));
    const vec square = hn::Mul(z, z);
    vec p = hn::MulAdd(hn::Set(d, 0.28176698f), square, hn::Set(d, 0.2796092f));
    p = hn::MulAdd(p, square, hn::Set(d, 0.40024891f));
    p = hn::MulAdd(p, square, hn::Set(d, 0.66666317f));
    p = hn::MulAdd(p, square, hn::Set(d, 2.0f));
    return hn::MulAdd(hn::ConvertTo(d, exponents), hn::Set(d, log_2), hn::Mul(z, p));
}

// p(l) of every level, each a vector in memory, in units of the largest term of all. With l' the
// level next to o, (o - l)^2 - (o - l')^2 = (l' - l) (2 o - l' - l).
template <unsigned Bits, bool Wide>
HWY_INLINE void probabilities(const float* levels,
                              const balance& b,
                              vec o,
                              vec precision,
                              float* HWY_RESTRICT p)
{
    const tag d;
    const vec zero = hn::Zero(d);
    const vec next = next_level(o, static_cast<float>((1 << Bits) - 1));
    const vec e = hn::Sub(o, next);
    const vec twice = hn::Add(o, e);
    // The narrow Gaussian's exponent at l' less the wide one's.
    const vec lead = hn::NegMulAdd(
        hn::Set(d, b.rest), hn::Mul(hn::Mul(e, precision), e), hn::Set(d, -b.log_weight));
    const vec narrow = hn::Min(lead, zero), wide = hn::Max(lead, zero);
#pragma GCC unroll 16
    for (unsigned v = 0; v < 1u << Bits; v++) {
        const vec level = hn::Set(d, levels[v]);
        const vec sum = hn::Mul(hn::Sub(twice, level), precision);
        const vec less = hn::Mul(hn::Sub(level, next), sum); // at most 0
        vec found;
        if (Wide)
            found = hn::Add(power_of_two(hn::Add(less, narrow)),
                            power_of_two(hn::MulSub(hn::Set(d, b.widening), less, wide)));
        else
            found = power_of_two(less);
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
        const vec llr = log_of_ratio(hn::Max(hn::Add(ones, of_both), least),
                                     hn::Max(hn::Add(zeros, of_both), least));
        hn::Store(hn::IfThenElseZero(usable, hn::Clamp(llr, hn::Neg(bound), bound)),
                  d,
                  out + k * step);
    }
}

template <unsigned Bits, bool Wide>
void demap(const mixture_llrs_axis& axis,
           const mixture_llrs_law& law,
           mixture_llrs_memory& memory)
{
    const tag d;
    const balance b(law);
    const vec share = hn::Set(d, law.share), bound = hn::Set(d, far);
    HWY_ALIGN float p[(1u << Bits) * max_lanes];
    for (std::size_t i = 0; i < memory.users; i += hn::Lanes(d)) {
        const vec precision = half_precision(law, memory.errors.data() + i);
        for (std::size_t at = 0; at < 2; at++) {
            const vec told_o =
                hn::Load(d, memory.outputs.data() + at * memory.stride + i);
            const mask usable = is_finite(told_o);
            const vec o =
                hn::Clamp(hn::IfThenElseZero(usable, told_o), hn::Neg(bound), bound);
            probabilities<Bits, Wide>(axis.levels, b, o, precision, p);
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

HWY_EXPORT(sum_of_foreseen);
HWY_EXPORT(any_axis);

float foreseen_errors(unsigned bits,
                      const mixture_llrs_law& law,
                      const mixture_llrs_memory& memory) noexcept
{
    return HWY_DYNAMIC_DISPATCH(sum_of_foreseen)(bits, law, memory);
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

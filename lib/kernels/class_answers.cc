/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/class_answers.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/class_answers.h"
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
constexpr std::size_t most_lanes = 16;
using tag = hn::CappedTag<float, most_lanes>;
using vec = hn::Vec<tag>;
using mask = hn::Mask<tag>;

constexpr float lowest = -87.0f;    // exp() of less is no normal number
constexpr float least_sum = 1e-30f; // exp(-69): keeps ratios of sums inside float32

struct highest {
    vec score;
    mask known;
};

// The highest score of one vector of columns, 0 where nothing is known.
HWY_INLINE highest highest_score(const float* scores,
                                 std::size_t stride,
                                 std::size_t classes)
{
    const tag d;
    vec best = hn::Load(d, scores);
    mask bad = hn::IsNaN(best);
    for (std::size_t s = 1; s < classes; s++) {
        const vec one = hn::Load(d, scores + s * stride);
        bad = hn::Or(bad, hn::IsNaN(one));
        best = hn::IfThenElse(hn::Gt(one, best), one, best);
    }
    const mask known = hn::And(hn::Not(bad), hn::IsFinite(best));
    return {hn::IfThenElseZero(known, best), known};
}

// exp(score - highest), 1 for every class where nothing is known; returns their sum.
HWY_INLINE vec exponentials(const float* scores,
                            std::size_t stride,
                            std::size_t classes,
                            float* out,
                            std::size_t out_stride)
{
    const tag d;
    const highest best = highest_score(scores, stride, classes);
    vec sum = hn::Zero(d);
    for (std::size_t s = 0; s < classes; s++) {
        const vec below = hn::IfThenElseZero(
            best.known, hn::Sub(hn::Load(d, scores + s * stride), best.score));
        const vec limit = hn::Set(d, lowest);
        const vec e =
            hn::IfThenElseZero(hn::Gt(below, limit), hn::Exp(d, hn::Max(below, limit)));
        hn::Store(e, d, out + s * out_stride);
        sum = hn::Add(sum, e);
    }
    return sum;
}

void find_best(const float* scores,
               std::size_t stride,
               std::size_t classes,
               std::uint8_t* found)
{
    const tag d;
    const hn::RebindToSigned<tag> di;
    const hn::Rebind<std::uint8_t, tag> d8;
    for (std::size_t at = 0; at < stride; at += hn::Lanes(d)) {
        const highest best = highest_score(scores + at, stride, classes);
        auto at_class = hn::Zero(di);
        for (std::size_t s = classes; s-- > 0;) { // the lowest number last
            const auto here = hn::Eq(hn::Load(d, scores + s * stride + at), best.score);
            at_class = hn::IfThenElse(hn::RebindMask(di, here),
                                      hn::Set(di, static_cast<std::int32_t>(s)),
                                      at_class);
        }
        at_class = hn::IfThenElseZero(hn::RebindMask(di, best.known), at_class);
        hn::StoreU(hn::DemoteTo(d8, at_class), d8, found + at);
    }
}

void normalise(float* scores, std::size_t stride, std::size_t classes)
{
    const tag d;
    for (std::size_t at = 0; at < stride; at += hn::Lanes(d)) {
        const vec sum = exponentials(scores + at, stride, classes, scores + at, stride);
        const vec scale = hn::Div(hn::Set(d, 1.0f), sum);
        for (std::size_t s = 0; s < classes; s++) {
            float* const one = scores + s * stride + at;
            hn::Store(hn::Mul(hn::Load(d, one), scale), d, one);
        }
    }
}

// The sums over both halves of the classes give the highest user's LLR; then the halves are
// added, so that the next user is the highest.
void find_llrs(const float* scores,
               std::size_t stride,
               std::size_t users,
               float limit,
               float* llrs)
{
    const tag d;
    const vec most = hn::Set(d, limit), least = hn::Set(d, least_sum);
    HWY_ALIGN float e[most_answer_classes * most_lanes];
    for (std::size_t at = 0; at < stride; at += hn::Lanes(d)) {
        exponentials(scores + at, stride, std::size_t{1} << users, e, most_lanes);
        for (std::size_t user = users; user-- > 0;) {
            const std::size_t half = std::size_t{1} << user;
            vec zeros = hn::Zero(d), ones = zeros;
            for (std::size_t s = 0; s < half; s++) {
                const vec zero = hn::Load(d, e + s * most_lanes);
                const vec one = hn::Load(d, e + (half + s) * most_lanes);
                zeros = hn::Add(zeros, zero);
                ones = hn::Add(ones, one);
                hn::Store(hn::Add(zero, one), d, e + s * most_lanes);
            }
            const vec llr = hn::Sub(hn::Log(d, hn::Max(ones, least)),
                                    hn::Log(d, hn::Max(zeros, least)));
            hn::Store(hn::Clamp(llr, hn::Neg(most), most), d, llrs + user * stride + at);
        }
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

HWY_EXPORT(find_best);
HWY_EXPORT(normalise);
HWY_EXPORT(find_llrs);

void best_classes(const float* scores,
                  std::size_t stride,
                  std::size_t classes,
                  std::uint8_t* found) noexcept
{
    HWY_DYNAMIC_DISPATCH(find_best)(scores, stride, classes, found);
}

void softmax_columns(float* scores, std::size_t stride, std::size_t classes) noexcept
{
    HWY_DYNAMIC_DISPATCH(normalise)(scores, stride, classes);
}

void llr_columns(const float* scores,
                 std::size_t stride,
                 std::size_t users,
                 float limit,
                 float* llrs) noexcept
{
    HWY_DYNAMIC_DISPATCH(find_llrs)(scores, stride, users, limit, llrs);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

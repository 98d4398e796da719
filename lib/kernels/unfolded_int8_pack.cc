/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
// Vectors whose length the compiler does not know cannot be kept in arrays, as the state is.
// This file is compiled without contraction of products and sums.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/unfolded_int8_pack.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/unfolded_int8.h"
#include "kernels/unfolded_record.h"
#include <hwy/highway.h>
#include <algorithm>
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
constexpr std::size_t most_values = unfolded_int8_plan::max_values;
constexpr std::size_t stride = channel_solver::lanes;
using float_tag = hn::CappedTag<float, stride>;
using int_tag = hn::RebindToSigned<float_tag>;
using floats = hn::Vec<float_tag>;
using ints = hn::Vec<int_tag>;

// rint of what lies within +-limit, and the limit of what lies beyond.
HWY_INLINE ints rounded(floats v, float least, float most)
{
    const float_tag d;
    const floats inside = hn::Max(hn::Min(v, hn::Set(d, most)), hn::Set(d, least));
#if HWY_TARGET == HWY_SCALAR // NearestInt is wrong just below a half there
    const float value = hn::GetLane(inside);
    return hn::Set(int_tag(),
                   value == value ? static_cast<std::int32_t>(std::nearbyint(value)) : 0);
#else
    return hn::NearestInt(inside);
#endif
}

// One complex row of a matrix, quantised: its scale and its values.
struct quantised_row {
    std::int32_t* re; // [columns][16]
    std::int32_t* im;
};

HWY_INLINE void quantise_row(const channel_solver::planes& x,
                             std::size_t i,
                             std::size_t without, // this column counts as 0
                             const float* multiplier,
                             int limit,
                             std::size_t lane,
                             const quantised_row& to,
                             float* scales)
{
    const float_tag d;
    const int_tag di;
    const floats times = hn::LoadU(d, multiplier + lane);
    const floats most = hn::Set(d, static_cast<float>(limit));
    floats largest = hn::Zero(d);
    for (std::size_t j = 0; j < x.columns; j++) {
        if (j == without)
            continue;
        const std::size_t at = x.at(i, j) + lane;
        const floats re = hn::Mul(times, hn::Load(d, x.re.data() + at));
        const floats im = hn::Mul(times, hn::Load(d, x.im.data() + at));
        largest = hn::Max(largest, hn::Max(hn::Abs(re), hn::Abs(im)));
    }
    const auto some = hn::Ge(largest, hn::Set(d, 1e-30f));
    const floats divisor = hn::IfThenElse(some, largest, hn::Set(d, 1.0f));
    const floats inverse = hn::IfThenElseZero(some, hn::Div(most, divisor));
    hn::StoreU(hn::IfThenElseZero(some, hn::Div(largest, most)), d, scales + lane);
    const float bound = static_cast<float>(limit);
    for (std::size_t j = 0; j < x.columns; j++) {
        const std::size_t at = x.at(i, j) + lane;
        const floats re = hn::Mul(times, hn::Load(d, x.re.data() + at));
        const floats im = hn::Mul(times, hn::Load(d, x.im.data() + at));
        const bool counts = j != without;
        const ints zero = hn::Zero(di);
        hn::Store(counts ? rounded(hn::Mul(re, inverse), -bound, bound) : zero,
                  di,
                  to.re + j * stride + lane);
        hn::Store(counts ? rounded(hn::Mul(im, inverse), -bound, bound) : zero,
                  di,
                  to.im + j * stride + lane);
    }
}

// Words and sum of a real row: [first, second], the second negated or not.
HWY_INLINE void pack_row(const std::int32_t* first,
                         const std::int32_t* second,
                         bool negate,
                         std::size_t columns,
                         std::size_t lane,
                         std::int32_t* words, // of group 0; the next ones padded * 16 on
                         std::size_t padded,
                         std::int32_t* sums)
{
    const int_tag d;
    const ints byte = hn::Set(d, 255);
    ints sum = hn::Zero(d);
    const auto value = [&](std::size_t e) HWY_ATTR {
        if (e < columns)
            return hn::Load(d, first + e * stride + lane);
        if (e >= 2 * columns)
            return hn::Zero(d);
        const ints v = hn::Load(d, second + (e - columns) * stride + lane);
        return negate ? hn::Neg(v) : v;
    };
    for (std::size_t g = 0; g < word_groups(2 * columns); g++) {
        const ints a = value(4 * g), b = value(4 * g + 1);
        const ints c = value(4 * g + 2), e = value(4 * g + 3);
        sum = hn::Add(sum, hn::Add(hn::Add(a, b), hn::Add(c, e)));
        const ints low = hn::Or(hn::And(a, byte), hn::ShiftLeft<8>(hn::And(b, byte)));
        const ints high = hn::Or(hn::And(c, byte), hn::ShiftLeft<8>(hn::And(e, byte)));
        hn::Store(
            hn::Or(low, hn::ShiftLeft<16>(high)), d, words + g * padded * stride + lane);
    }
    hn::Store(sum, d, sums + lane);
}

// A complex matrix of all lanes to words [group][row] and sums and scales [row], 16 lanes each.
void quantise_matrix(const channel_solver::planes& x,
                     bool apart,
                     const float* multiplier,
                     int limit,
                     std::size_t padded,
                     std::int32_t* words,
                     std::int32_t* sums,
                     float* scales)
{
    HWY_ALIGN std::int32_t re[most_values / 2 * stride], im[most_values / 2 * stride];
    const std::size_t rows = x.rows;
    for (std::size_t lane = 0; lane < stride; lane += hn::Lanes(float_tag()))
        for (std::size_t i = 0; i < rows; i++) {
            quantise_row(x,
                         i,
                         apart ? i : x.columns,
                         multiplier,
                         limit,
                         lane,
                         {re, im},
                         scales + i * stride);
            hn::StoreU(hn::LoadU(float_tag(), scales + i * stride + lane),
                       float_tag(),
                       scales + (rows + i) * stride + lane);
            pack_row(re,
                     im,
                     true,
                     x.columns,
                     lane,
                     words + i * stride,
                     padded,
                     sums + i * stride);
            pack_row(im,
                     re,
                     false,
                     x.columns,
                     lane,
                     words + (rows + i) * stride,
                     padded,
                     sums + (rows + i) * stride);
        }
}

// least <= rint(numerator / max(slope e + constant, 1/8)) or rint(2^f (..)), all lanes.
void quantise_gains(const float* errors,
                    const float* error_scale,
                    const float* constant,
                    const float* slope,
                    bool staircase,
                    float unit,
                    float least,
                    std::int32_t* gains)
{
    const float_tag d;
    for (std::size_t lane = 0; lane < stride; lane += hn::Lanes(d)) {
        const floats e =
            hn::Mul(hn::LoadU(d, errors + lane), hn::LoadU(d, error_scale + lane));
        const floats w = hn::Add(hn::Mul(hn::LoadU(d, slope + lane), e),
                                 hn::LoadU(d, constant + lane));
        const floats g = staircase
                             ? hn::Div(hn::Set(d, unit), hn::Max(w, hn::Set(d, 0.125f)))
                             : hn::Mul(hn::Set(d, unit), w);
        hn::StoreU(rounded(g, least, 32767.0f), int_tag(), gains + lane);
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

HWY_EXPORT(quantise_matrix);
HWY_EXPORT(quantise_gains);

namespace {

constexpr std::size_t line = 64;

} // namespace

void unfolded_int8_plan::lay_out() noexcept
{
    padded = (outputs + 31) / 32 * 32;
    bytes = 0;
    const auto take = [&](std::size_t size) {
        const std::size_t at = bytes;
        bytes += (size + line - 1) / line * line;
        return at;
    };
    filter = take(word_groups(inputs) * padded * 4);
    filter_sums = take(padded * 4);
    filter_scales = take(padded * 4);
    matrix = take(word_groups(outputs) * padded * 4);
    matrix_sums = take(padded * 4);
    matrix_scales = take(padded * 4);
    diagonal = take(apart ? padded * 2 : 0);
    gains = take(denoisers * padded * 2);
    steps = take(layers * 2);
    step_units = take(layers * 4);
    first_etas = take((layers + 1) * 2);
    etas = take((layers + 1) * 4);
    estimate_gains = take(denoisers * 2);
    dual_gains = take(denoisers * 2);
    memories = take(denoisers * 2);
    errors = take(outputs / 2 * 4);
}

std::size_t pack_scratch_floats(const unfolded_int8_plan& plan)
{
    const std::size_t words = std::max(word_groups(plan.inputs), word_groups(plan.outputs));
    return (words * plan.padded + 2 * plan.padded) * channel_solver::lanes;
}

namespace {

// Lane after lane of what was computed for all of them.
template <typename From, typename To>
void deal(const From* lanes,
          std::size_t values,
          std::size_t n,
          std::uint8_t* const* records,
          std::size_t offset,
          int times = 1)
{
    constexpr std::size_t stride = channel_solver::lanes;
    for (std::size_t l = 0; l < n; l++) {
        To* to = record_part<To>(records[l], offset);
        for (std::size_t i = 0; i < values; i++)
            to[i] = static_cast<To>(static_cast<To>(times) * lanes[i * stride + l]);
    }
}

struct matrix_offsets {
    std::size_t words, sums, scales;
};

void pack_matrix(const unfolded_int8_plan& plan,
                 const channel_solver::planes& x,
                 bool apart,
                 const float* multiplier,
                 int limit,
                 std::size_t n,
                 std::uint8_t* const* records,
                 const matrix_offsets& to,
                 float* scratch)
{
    constexpr std::size_t stride = channel_solver::lanes;
    const std::size_t words = word_groups(2 * x.columns) * plan.padded;
    auto* const packed = reinterpret_cast<std::int32_t*>(scratch);
    auto* const sums = packed + words * stride;
    float* const scales = scratch + (words + plan.padded) * stride;
    std::fill_n(scratch, (words + 2 * plan.padded) * stride, 0.0f);
    HWY_DYNAMIC_DISPATCH(quantise_matrix)
    (x, apart, multiplier, limit, plan.padded, packed, sums, scales);
    deal<std::int32_t, std::int32_t>(packed, words, n, records, to.words);
    deal<std::int32_t, std::int32_t>(sums, plan.padded, n, records, to.sums, -128);
    deal<float, float>(scales, plan.padded, n, records, to.scales);
}

float limited(float v, float least, float most)
{
    return v > least ? std::min(v, most) : least; // NaN: the least
}

std::int16_t whole_number(float v, float least)
{
    return static_cast<std::int16_t>(std::nearbyint(limited(v, least, 32767.0f)));
}

// What depends on the noise variance alone.
void pack_scalars(const unfolded_int8_plan& plan,
                  const unfolded_int8_scalars& s,
                  std::uint8_t* record)
{
    // What admm quantises has 2^3 times the state's unit, so that its gains reach 8.
    const int whole = plan.pgd ? 15 : 18;
    const float unit = std::ldexp(1.0f, whole - plan.fraction_bits);
    for (std::size_t k = 0; k < plan.denoisers; k++) {
        const std::int16_t d = whole_number(unit / s.step[k], 1.0f);
        record_part<std::int16_t>(record, plan.steps)[k] = d;
        record_part<float>(record, plan.step_units)[k] = std::ldexp(1.0f, whole) / d;
        if (plan.pgd)
            continue;
        record_part<std::int16_t>(record, plan.estimate_gains)[k] =
            whole_number(4096.0f * s.estimate_gain[k], 0.0f);
        record_part<std::int16_t>(record, plan.dual_gains)[k] =
            whole_number(4096.0f * s.dual_gain[k], 0.0f);
        record_part<std::int16_t>(record, plan.memories)[k] =
            whole_number(32768.0f * s.memory[k], 0.0f);
    }
    if (plan.pgd)
        for (std::size_t k = 0; k < plan.layers; k++) {
            record_part<float>(record, plan.etas)[k] = s.eta[k];
            record_part<std::int16_t>(record, plan.first_etas)[k] =
                whole_number(16384.0f * s.eta[k], 0.0f);
        }
}

} // namespace

void pack_unfolded_int8(const unfolded_int8_plan& plan,
                        const channel_solver::planes& matrix,
                        const channel_solver::planes& filter,
                        const float* errors,
                        const unfolded_int8_scalars* scalars,
                        std::size_t n,
                        std::uint8_t* const* records,
                        float* scratch) noexcept
{
    constexpr std::size_t stride = channel_solver::lanes;
    const std::size_t users = plan.outputs / 2;
    const bool staircase = plan.denoiser == unfolded_denoiser::staircase;
    float times[stride], ones[stride], error_scale[stride], constant[stride],
        slope[stride];
    for (std::size_t l = 0; l < stride; l++) {
        const auto& s = scalars[std::min(l, n - 1)];
        times[l] = s.matrix_scale;
        error_scale[l] = s.error_scale;
        ones[l] = 1.0f;
    }
    pack_matrix(plan,
                filter,
                false,
                ones,
                plan.filter_limit,
                n,
                records,
                {plan.filter, plan.filter_sums, plan.filter_scales},
                scratch);
    pack_matrix(plan,
                matrix,
                plan.apart,
                times,
                plan.matrix_limit,
                n,
                records,
                {plan.matrix, plan.matrix_sums, plan.matrix_scales},
                scratch);
    alignas(64) std::int32_t gains[stride];
    for (std::size_t k = 0; k < plan.denoisers; k++) {
        for (std::size_t l = 0; l < stride; l++) {
            constant[l] = scalars[std::min(l, n - 1)].constant[k];
            slope[l] = scalars[std::min(l, n - 1)].slope[k];
        }
        for (std::size_t i = 0; i < users; i++) {
            HWY_DYNAMIC_DISPATCH(quantise_gains)
            (errors + i * stride,
             error_scale,
             constant,
             slope,
             staircase,
             staircase ? 4096.0f : std::ldexp(1.0f, plan.fraction_bits),
             staircase ? 1.0f : 0.0f,
             gains);
            for (std::size_t l = 0; l < n; l++) {
                auto* g = record_part<std::int16_t>(records[l], plan.gains) + k * plan.padded;
                g[i] = g[users + i] = static_cast<std::int16_t>(gains[l]);
            }
        }
    }
    for (std::size_t l = 0; l < n; l++) {
        pack_scalars(plan, scalars[l], records[l]);
        for (std::size_t i = 0; i < users; i++) {
            record_part<float>(records[l], plan.errors)[i] =
                error_scale[l] * errors[i * stride + l];
            if (!plan.apart)
                continue;
            const float m = std::nearbyint(
                limited(32768.0f * (times[l] * matrix.re[matrix.at(i, i) + l]),
                        -32768.0f,
                        32767.0f));
            auto* diagonal = record_part<std::int16_t>(records[l], plan.diagonal);
            diagonal[i] = diagonal[users + i] = static_cast<std::int16_t>(m);
        }
    }
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

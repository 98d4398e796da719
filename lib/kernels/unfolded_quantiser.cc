/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
// This file is compiled without contraction of products and sums.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/unfolded_quantiser.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/transpose-inl.h"
#include "kernels/unfolded_int8.h"
#include "kernels/unfolded_quantiser.h"
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

// Values [columns][16] to words of so many each, the next one `stride` words on.
template <std::size_t Values>
HWY_INLINE void pack_words(const std::int32_t* values,
                           std::size_t columns,
                           std::size_t lane,
                           std::int32_t* words,
                           std::size_t next)
{
    const int_tag d;
    constexpr int bits = 32 / Values;
    const ints mask = hn::Set(d, (1 << bits) - 1);
    for (std::size_t j = 0; j < columns; j += Values, words += next) {
        ints word = hn::And(hn::Load(d, values + j * stride + lane), mask);
        for (std::size_t e = 1; e < Values && j + e < columns; e++)
            word =
                hn::Or(word,
                       hn::ShiftLeftSame(
                           hn::And(hn::Load(d, values + (j + e) * stride + lane), mask),
                           static_cast<int>(e) * bits));
        hn::Store(word, d, words + lane);
    }
}

HWY_INLINE ints row_sum(const std::int32_t* values, std::size_t columns, std::size_t lane)
{
    ints sum = hn::Zero(int_tag());
    for (std::size_t j = 0; j < columns; j++)
        sum = hn::Add(sum, hn::Load(int_tag(), values + j * stride + lane));
    return sum;
}

// A complex matrix of all lanes to words [..][Re, Im][rows], sums [2][rows] of the real form's rows,
// -128 times, and scales [rows], 16 lanes each.
template <std::size_t Values>
HWY_INLINE void quantise_matrix(const channel_solver::planes& x,
                                bool apart,
                                const float* multiplier,
                                int limit,
                                const lane_matrix& to)
{
    const std::size_t rows = to.rows;
    std::int32_t *const words = to.words, *const sums = to.sums;
    float* const scales = to.scales;
    const int_tag d;
    HWY_ALIGN std::int32_t re[most_values / 2 * stride], im[most_values / 2 * stride];
    const std::size_t next = 2 * rows * stride;
    for (std::size_t lane = 0; lane < stride; lane += hn::Lanes(float_tag()))
        for (std::size_t i = 0; i < x.rows; i++) {
            quantise_row(x,
                         i,
                         apart ? i : x.columns,
                         multiplier,
                         limit,
                         lane,
                         {re, im},
                         scales + i * stride);
            pack_words<Values>(re, x.columns, lane, words + i * stride, next);
            pack_words<Values>(im, x.columns, lane, words + (rows + i) * stride, next);
            const ints of_re = row_sum(re, x.columns, lane);
            const ints of_im = row_sum(im, x.columns, lane);
            const auto keep = [&](ints sum, std::size_t row) HWY_ATTR {
                hn::Store(hn::Neg(hn::ShiftLeft<7>(sum)), d, sums + row * stride + lane);
            };
            keep(hn::Sub(of_re, of_im), i);
            keep(hn::Add(of_re, of_im), rows + i);
        }
}

void quantise_bytes(const channel_solver::planes& x,
                    bool apart,
                    const float* multiplier,
                    int limit,
                    const lane_matrix& to)
{
    quantise_matrix<4>(x, apart, multiplier, limit, to);
}

void quantise_pairs(const channel_solver::planes& x, int limit, const lane_matrix& to)
{
    float ones[stride];
    std::fill_n(ones, stride, 1.0f);
    quantise_matrix<2>(x, false, ones, limit, to);
}

// The largest energy of a row, all lanes.
void find_largest_row(const channel_solver::planes& x, float* largest)
{
    const float_tag d;
    for (std::size_t lane = 0; lane < stride; lane += hn::Lanes(d)) {
        floats most = hn::Zero(d);
        for (std::size_t i = 0; i < x.rows; i++) {
            floats sum = hn::Zero(d);
            for (std::size_t j = 0; j < x.columns; j++) {
                const floats re = hn::Load(d, x.re.data() + x.at(i, j) + lane);
                const floats im = hn::Load(d, x.im.data() + x.at(i, j) + lane);
                sum = hn::Add(sum, hn::Add(hn::Mul(re, re), hn::Mul(im, im)));
            }
            most = hn::Max(most, sum);
        }
        hn::StoreU(most, d, largest + lane);
    }
}

// Values [rows] of all lanes times a factor of each, at most 1.
void scale_rows(const float* factor, std::size_t rows, float* values)
{
    const float_tag d;
    for (std::size_t lane = 0; lane < stride; lane += hn::Lanes(d)) {
        const floats times = hn::LoadU(d, factor + lane);
        for (std::size_t i = 0; i < rows; i++) {
            float* const value = values + i * stride + lane;
            hn::Store(
                hn::Min(hn::Mul(hn::Load(d, value), times), hn::Set(d, 1.0f)), d, value);
        }
    }
}

// The gain of a user whose error is known, all lanes.
HWY_INLINE ints gain_of(const lane_gains& of, std::size_t user, std::size_t lane)
{
    const float_tag d;
    const floats w = hn::Add(hn::Mul(hn::LoadU(d, of.slope + lane),
                                     hn::Load(d, of.errors + user * stride + lane)),
                             hn::LoadU(d, of.constant + lane));
    const floats unit = hn::Set(d, of.unit);
    const floats g =
        of.staircase ? hn::Div(unit, hn::Max(w, hn::Set(d, 0.125f))) : hn::Mul(unit, w);
    return rounded(g, of.staircase ? 1.0f : 0.0f, 32767.0f);
}

// Gains of all users in state order, two to a word: [users, up to fours][16].
void quantise_gains(const lane_gains& of, std::int32_t* words)
{
    const int_tag d;
    for (std::size_t lane = 0; lane < stride; lane += hn::Lanes(d))
        for (std::size_t i = 0; i < (of.users + 3) / 4 * 4; i += 2) {
            const ints low = i < of.users ? gain_of(of, i, lane) : hn::Zero(d);
            const ints high = i + 1 < of.users ? gain_of(of, i + 1, lane) : hn::Zero(d);
            const ints both = hn::Or(low, hn::ShiftLeft<16>(high));
            // four words of four users: their real parts', their imaginary parts'
            std::int32_t* const to = words + (i / 4 * 4 + i % 4 / 2) * stride + lane;
            hn::Store(both, d, to);
            hn::Store(both, d, to + 2 * stride);
        }
}

// Four words of the next lanes, each to its own record.
HWY_INLINE void deal_four(const std::int32_t* words,
                          std::size_t n,
                          std::uint8_t* const* to,
                          std::size_t offset)
{
#if HWY_TARGET == HWY_SCALAR
    for (std::size_t e = 0; e < 4 && n > 0; e++)
        record_part<std::int32_t>(to[0], offset)[e] = words[e * stride];
#else
    const int_tag d;
    auto r0 = hn::Load(d, words), r1 = hn::Load(d, words + stride);
    auto r2 = hn::Load(d, words + 2 * stride), r3 = hn::Load(d, words + 3 * stride);
    transpose_blocks(d, r0, r1, r2, r3);
    const auto put = [&](ints some, std::size_t k) HWY_ATTR {
        for_blocks(some, d, [&](auto block, auto tag, std::size_t b) HWY_ATTR {
            const std::size_t l = 4 * b + k;
            if (l < n)
                hn::StoreU(block, tag, record_part<std::int32_t>(to[l], offset));
        });
    };
    put(r0, 0);
    put(r1, 1);
    put(r2, 2);
    put(r3, 3);
#endif
}

void deal_words(const std::int32_t* words,
                std::size_t n_words,
                std::size_t n,
                std::uint8_t* const* records,
                std::size_t offset)
{
    const std::size_t lanes = hn::Lanes(int_tag());
    for (std::size_t lane = 0; lane < n; lane += lanes)
        for (std::size_t i = 0; i < n_words; i += 4)
            deal_four(words + i * stride + lane,
                      n - lane,
                      records + lane,
                      offset + i * sizeof(std::int32_t));
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

HWY_EXPORT(quantise_bytes);
HWY_EXPORT(quantise_pairs);
HWY_EXPORT(scale_rows);
HWY_EXPORT(find_largest_row);
HWY_EXPORT(quantise_gains);
HWY_EXPORT(deal_words);

void quantise_bytes(const channel_solver::planes& x,
                    bool apart,
                    const float* multiplier,
                    int limit,
                    const lane_matrix& to) noexcept
{
    HWY_DYNAMIC_DISPATCH(quantise_bytes)(x, apart, multiplier, limit, to);
}

void quantise_pairs(const channel_solver::planes& x,
                    int limit,
                    const lane_matrix& to) noexcept
{
    HWY_DYNAMIC_DISPATCH(quantise_pairs)(x, limit, to);
}

void scale_rows(const float* factor, std::size_t rows, float* values) noexcept
{
    HWY_DYNAMIC_DISPATCH(scale_rows)(factor, rows, values);
}

void find_largest_row(const channel_solver::planes& x, float* largest) noexcept
{
    HWY_DYNAMIC_DISPATCH(find_largest_row)(x, largest);
}

void quantise_gains(const lane_gains& of, std::int32_t* words) noexcept
{
    HWY_DYNAMIC_DISPATCH(quantise_gains)(of, words);
}

void deal_words(const std::int32_t* words,
                std::size_t n_words,
                std::size_t n,
                std::uint8_t* const* records,
                std::size_t offset) noexcept
{
    HWY_DYNAMIC_DISPATCH(deal_words)(words, n_words, n, records, offset);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif // HWY_ONCE

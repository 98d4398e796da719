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

// A complex matrix of all lanes to words [..][Re, Im][rows], sums [2][rows] of the real form's rows
// and scales [rows], 16 lanes each.
template <std::size_t Values>
HWY_INLINE void quantise_matrix(const channel_solver::planes& x,
                                bool apart,
                                const float* multiplier,
                                int limit,
                                std::size_t rows,
                                std::int32_t* words,
                                std::int32_t* sums,
                                float* scales)
{
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
            hn::Store(hn::Sub(of_re, of_im), d, sums + i * stride + lane);
            hn::Store(hn::Add(of_re, of_im), d, sums + (rows + i) * stride + lane);
        }
}

void quantise_bytes(const channel_solver::planes& x,
                    bool apart,
                    const float* multiplier,
                    int limit,
                    std::size_t rows,
                    std::int32_t* words,
                    std::int32_t* sums,
                    float* scales)
{
    quantise_matrix<4>(x, apart, multiplier, limit, rows, words, sums, scales);
}

void quantise_pairs(const channel_solver::planes& x,
                    bool apart,
                    const float* multiplier,
                    int limit,
                    std::size_t rows,
                    std::int32_t* words,
                    std::int32_t* sums,
                    float* scales)
{
    quantise_matrix<2>(x, apart, multiplier, limit, rows, words, sums, scales);
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

HWY_EXPORT(quantise_bytes);
HWY_EXPORT(quantise_pairs);
HWY_EXPORT(find_largest_row);
HWY_EXPORT(quantise_gains);

void unfolded_int8_plan::lay_out() noexcept
{
    constexpr std::size_t line = 64;
    filter_limit = static_cast<int>(std::min<std::size_t>(65408 / inputs, 32767));
    padded = (state_of_user((outputs / 2 + 3) / 4 * 4, false) + 31) / 32 * 32;
    bytes = 0;
    const auto take = [&](std::size_t size) {
        const std::size_t at = bytes;
        bytes += (size + line - 1) / line * line;
        return at;
    };
    filter = take(pair_words(inputs / 2) * 2 * rows() * 4);
    filter_units = take(rows() * 4);
    matrix_sums = take(2 * rows() * 4);
    matrix = take(byte_words(outputs / 2) * 2 * rows() * 4);
    matrix_scales = take(rows() * 4);
    // the input's scale in the same lines as the layers'
    input_scale = take(sizeof(float) + denoisers * sizeof(unfolded_layer));
    layer_scalars = input_scale + sizeof(float);
    step_scalars = take(pgd ? layers * sizeof(unfolded_step) : 0);
    diagonal = take(apart ? padded * 2 : 0);
    gains = take(denoisers * padded * 2);
    errors = take(outputs / 2 * 4);
}

std::size_t pack_scratch_floats(const unfolded_int8_plan& plan)
{
    const std::size_t words =
        std::max(pair_words(plan.inputs / 2), byte_words(plan.outputs / 2));
    return (2 * words + 3) * plan.rows() * channel_solver::lanes;
}

namespace {

constexpr std::size_t stride = channel_solver::lanes;

// Lane after lane of what was computed for all of them.
template <typename From, typename To>
void deal(const From* lanes,
          std::size_t values,
          std::size_t n,
          std::uint8_t* const* records,
          std::size_t offset,
          To times = 1)
{
    for (std::size_t l = 0; l < n; l++) {
        To* to = record_part<To>(records[l], offset);
        for (std::size_t i = 0; i < values; i++)
            to[i] = times * lanes[i * stride + l];
    }
}

// A matrix of all lanes, quantised.
struct packed_matrix {
    packed_matrix(const unfolded_int8_plan& plan, std::size_t n_words, float* scratch)
        : n_words(2 * n_words * plan.rows()),
          words(reinterpret_cast<std::int32_t*>(scratch)),
          sums(words + this->n_words * stride),
          scales(scratch + (this->n_words + 2 * plan.rows()) * stride)
    {
        std::fill_n(scratch, (this->n_words + 3 * plan.rows()) * stride, 0.0f);
    }
    std::size_t n_words;
    std::int32_t* words;
    std::int32_t* sums;
    float* scales;
};

float limited(float v, float least, float most)
{
    return v > least ? std::min(v, most) : least; // NaN: the least
}

std::int16_t whole_number(float v, float least)
{
    return static_cast<std::int16_t>(std::nearbyint(limited(v, least, 32767.0f)));
}

void set_pair(std::int16_t (&pair)[2], std::int16_t value) { pair[0] = pair[1] = value; }

// What depends on the noise variance alone.
void pack_scalars(const unfolded_int8_plan& plan,
                  const unfolded_int8_scalars& s,
                  std::uint8_t* record)
{
    // What admm quantises has 2^3 times the state's unit, so that its gains reach 8.
    const int whole = plan.pgd ? 15 : 18;
    const float unit = std::ldexp(1.0f, whole - plan.fraction_bits);
    auto* const layers = record_part<unfolded_layer>(record, plan.layer_scalars);
    for (std::size_t k = 0; k < plan.denoisers; k++) {
        const std::int16_t d = whole_number(unit / s.step[k], 1.0f);
        set_pair(layers[k].step, d);
        layers[k].step_unit = std::ldexp(1.0f, whole) / d;
        if (plan.pgd)
            continue;
        set_pair(layers[k].estimate_gain,
                 whole_number(4096.0f * s.estimate_gain[k], 0.0f));
        set_pair(layers[k].dual_gain, whole_number(4096.0f * s.dual_gain[k], 0.0f));
        set_pair(layers[k].memory, whole_number(32768.0f * s.memory[k], 0.0f));
    }
    auto* const steps = record_part<unfolded_step>(record, plan.step_scalars);
    for (std::size_t k = 0; plan.pgd && k < plan.layers; k++) {
        steps[k].eta = s.eta[k];
        set_pair(steps[k].first_eta, whole_number(16384.0f * s.eta[k], 0.0f));
    }
}

// e: int16 in units of 2^-e have 8 to 16 standard deviations of the strongest antenna.
int input_exponent(float energy)
{
    if (!(energy > 0))
        return 40;
    if (!std::isfinite(energy))
        return -40;
    return std::clamp((23 - std::ilogb(energy)) >> 1, -40, 40);
}

void pack_filter(const unfolded_int8_plan& plan,
                 const channel_solver::planes& channel,
                 const channel_solver::planes& filter,
                 const unfolded_int8_scalars* scalars,
                 std::size_t n,
                 std::uint8_t* const* records,
                 float* scratch)
{
    const packed_matrix packed(plan, pair_words(filter.columns), scratch);
    float ones[stride], energy[stride];
    std::fill_n(ones, stride, 1.0f);
    HWY_DYNAMIC_DISPATCH(quantise_pairs)
    (filter,
     false,
     ones,
     plan.filter_limit,
     plan.rows(),
     packed.words,
     packed.sums,
     packed.scales);
    deal(packed.words, packed.n_words, n, records, plan.filter, 1);
    HWY_DYNAMIC_DISPATCH(find_largest_row)(channel, energy);
    const auto of_symbol = static_cast<float>(plan.levels * plan.levels - 1) / 3.0f;
    for (std::size_t l = 0; l < n; l++) {
        const int e = input_exponent(of_symbol * energy[l] + scalars[l].noise_variance);
        *record_part<float>(records[l], plan.input_scale) = std::ldexp(1.0f, e);
        // A sum times more than 1 could leave int32.
        const float unit = std::ldexp(1.0f, plan.fraction_bits - e);
        float* const units = record_part<float>(records[l], plan.filter_units);
        for (std::size_t i = 0; i < plan.rows(); i++)
            units[i] = std::min(packed.scales[i * stride + l] * unit, 1.0f);
    }
}

// Up to which scale no float of admm's products leaves int32.
float largest_scale(const unfolded_int8_plan& plan, const std::uint8_t* record)
{
    const auto* const layers = record_part<unfolded_layer>(record, plan.layer_scalars);
    float unit = 1.0f;
    for (std::size_t k = 0; k < plan.denoisers; k++)
        unit = std::max(unit, layers[k].step_unit);
    const auto sum = static_cast<float>(plan.outputs) *
                     static_cast<float>((plan.activation_limit + 1) * plan.matrix_limit);
    return std::ldexp(1.0f, 30) / (sum * unit);
}

// After pack_scalars().
void pack_matrix(const unfolded_int8_plan& plan,
                 const channel_solver::planes& matrix,
                 const float* multiplier,
                 std::size_t n,
                 std::uint8_t* const* records,
                 float* scratch)
{
    const packed_matrix packed(plan, byte_words(matrix.columns), scratch);
    HWY_DYNAMIC_DISPATCH(quantise_bytes)
    (matrix,
     plan.apart,
     multiplier,
     plan.matrix_limit,
     plan.rows(),
     packed.words,
     packed.sums,
     packed.scales);
    deal(packed.words, packed.n_words, n, records, plan.matrix, 1);
    deal(packed.sums, 2 * plan.rows(), n, records, plan.matrix_sums, -128);
    deal(packed.scales, plan.rows(), n, records, plan.matrix_scales, 1.0f);
    for (std::size_t l = 0; l < n && !plan.pgd; l++) {
        const float most = largest_scale(plan, records[l]);
        float* const scales = record_part<float>(records[l], plan.matrix_scales);
        for (std::size_t i = 0; i < plan.rows(); i++)
            scales[i] = std::min(scales[i], most);
    }
    for (std::size_t i = 0; plan.apart && i < matrix.rows; i++)
        for (std::size_t l = 0; l < n; l++) {
            const float m = std::nearbyint(
                limited(32768.0f * (multiplier[l] * matrix.re[matrix.at(i, i) + l]),
                        -32768.0f,
                        32767.0f));
            auto* const diagonal = record_part<std::int16_t>(records[l], plan.diagonal);
            diagonal[state_of_user(i, false)] = diagonal[state_of_user(i, true)] =
                static_cast<std::int16_t>(m);
        }
}

void pack_gains(const unfolded_int8_plan& plan,
                const float* errors,
                const float* error_scale,
                const unfolded_int8_scalars* scalars,
                std::size_t n,
                std::uint8_t* const* records)
{
    const bool staircase = plan.denoiser == unfolded_denoiser::staircase;
    alignas(64) std::int32_t gains[stride];
    for (std::size_t k = 0; k < plan.denoisers; k++) {
        float constant[stride], slope[stride];
        for (std::size_t l = 0; l < stride; l++) {
            constant[l] = scalars[std::min(l, n - 1)].constant[k];
            slope[l] = scalars[std::min(l, n - 1)].slope[k];
        }
        for (std::size_t i = 0; i < plan.outputs / 2; i++) {
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
                auto* g =
                    record_part<std::int16_t>(records[l], plan.gains) + k * plan.padded;
                g[state_of_user(i, false)] = g[state_of_user(i, true)] =
                    static_cast<std::int16_t>(gains[l]);
            }
        }
    }
}

} // namespace

void pack_unfolded_int8(const unfolded_int8_plan& plan,
                        const channel_solver::planes& channel,
                        const channel_solver::planes& matrix,
                        const channel_solver::planes& filter,
                        const float* errors,
                        const unfolded_int8_scalars* scalars,
                        std::size_t n,
                        std::uint8_t* const* records,
                        float* scratch) noexcept
{
    float times[stride], error_scale[stride];
    for (std::size_t l = 0; l < stride; l++) {
        const auto& s = scalars[std::min(l, n - 1)];
        times[l] = s.matrix_scale;
        error_scale[l] = s.noise_variance;
    }
    for (std::size_t l = 0; l < n; l++)
        pack_scalars(plan, scalars[l], records[l]);
    pack_filter(plan, channel, filter, scalars, n, records, scratch);
    pack_matrix(plan, matrix, times, n, records, scratch);
    pack_gains(plan, errors, error_scale, scalars, n, records);
    for (std::size_t i = 0; i < plan.outputs / 2; i++)
        for (std::size_t l = 0; l < n; l++)
            record_part<float>(records[l], plan.errors)[i] =
                error_scale[l] * errors[i * stride + l];
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

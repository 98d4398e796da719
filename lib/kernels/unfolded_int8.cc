/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Vectors whose length the compiler does not know cannot be kept in arrays, as the state is.
// This file is compiled without contraction of products and sums.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/unfolded_int8.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/unfolded_int8.h"
#include <hwy/highway.h>
#include <algorithm>
#include <cmath>
#include <cstring>

#ifndef FEWBIT_UNFOLDED_INT8_ONCE
#define FEWBIT_UNFOLDED_INT8_ONCE
namespace gr {
namespace fewbit {
namespace kernels {
namespace {

using plan_type = unfolded_int8_plan;
constexpr std::size_t most_values = plan_type::max_values;

template <typename T>
const T* part(const std::uint8_t* record, std::size_t offset)
{
    return reinterpret_cast<const T*>(record + offset);
}
template <typename T>
T* part(std::uint8_t* record, std::size_t offset)
{
    return reinterpret_cast<T*>(record + offset);
}

// Words of four columns that a row of so many values has.
constexpr std::size_t groups(std::size_t values) { return (values + 3) / 4; }

} // namespace
} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// ---- preparation: channels in lanes ----

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
    for (std::size_t g = 0; g < groups(2 * columns); g++) {
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

// ---- detection: rows in lanes ----

#if HWY_TARGET == HWY_SCALAR

HWY_INLINE std::int16_t saturated(std::int32_t v)
{
    return static_cast<std::int16_t>(std::clamp(v, -32768, 32767));
}

HWY_INLINE std::int16_t multiplied(std::int32_t a, std::int32_t b)
{
    return static_cast<std::int16_t>((a * b + (1 << 14)) >> 15);
}

HWY_INLINE std::int16_t round16(float v)
{
    return static_cast<std::int16_t>(
        std::nearbyint(std::min(std::max(v, -32768.0f), 32767.0f)));
}

HWY_INLINE std::int16_t denoised(const plan_type& plan, std::int16_t r, std::int16_t g)
{
    if (plan.denoiser != unfolded_denoiser::staircase) {
        const auto inside = static_cast<std::int16_t>(std::clamp<int>(r, -g, g));
        return plan.denoiser == unfolded_denoiser::clip ? inside : saturated(r - inside);
    }
    const int f = plan.fraction_bits, step = 1 << (f - 3);
    const int h = multiplied(r, g);
    int z = std::clamp(h, -step, step);
    for (int m = 2; m <= plan.levels - 2; m += 2) {
        const int c = multiplied(m << f, g);
        z += std::clamp<int>(saturated(h - c), -step, step);
        z += std::clamp<int>(saturated(h + c), -step, step);
    }
    return static_cast<std::int16_t>(8 * z);
}

// One row of a matrix of words times bytes.
HWY_INLINE std::int32_t row_product(const std::int8_t* words,
                                    std::size_t padded,
                                    std::size_t row,
                                    std::size_t n,
                                    const std::int8_t* x)
{
    std::int32_t sum = 0;
    for (std::size_t j = 0; j < n; j++)
        sum += words[(j / 4 * padded + row) * 4 + j % 4] * x[j];
    return sum;
}

HWY_INLINE float quantise_y(const plan_type& plan,
                            const std::complex<float>* y,
                            float scale,
                            std::int8_t* yq)
{
    float values[most_values], a = 0;
    const std::size_t m = plan.inputs / 2;
    for (std::size_t j = 0; j < m; j++) {
        values[j] = scale * y[j].real();
        values[m + j] = scale * y[j].imag();
        a = std::max(a, std::max(std::abs(values[j]), std::abs(values[m + j])));
    }
    const auto limit = static_cast<float>(plan.input_limit);
    const float to = a < 1e-30f ? 0.0f : limit / a;
    for (std::size_t j = 0; j < plan.inputs; j++)
        yq[j] = static_cast<std::int8_t>(
            std::clamp(std::nearbyint(values[j] * to), -limit, limit));
    return a < 1e-30f ? 0.0f : a / limit * static_cast<float>(1 << plan.fraction_bits);
}

void run_one(const plan_type& plan,
             const std::uint8_t* record,
             const std::complex<float>* y,
             float scale,
             std::int16_t* o)
{
    const std::size_t n = plan.outputs, padded = plan.padded;
    std::int8_t in[most_values + 64] = {}, vq[most_values + 64] = {};
    const float s = quantise_y(plan, y, scale, in);
    std::int16_t b[most_values], r[most_values], u[most_values] = {}, v[most_values];
    const auto* alpha = part<std::int16_t>(record, plan.estimate_gains);
    const auto* beta = part<std::int16_t>(record, plan.dual_gains);
    const auto* kappa = part<std::int16_t>(record, plan.memories);
    const auto* d = part<std::int16_t>(record, plan.steps);
    const auto* units = part<float>(record, plan.step_units);
    const auto* first_eta = part<std::int16_t>(record, plan.first_etas);
    const auto* eta = part<float>(record, plan.etas);
    const auto* scales = part<float>(record, plan.matrix_scales);
    for (std::size_t i = 0; i < n; i++) {
        const auto sum = static_cast<float>(row_product(
            part<std::int8_t>(record, plan.filter), padded, i, plan.inputs, in));
        b[i] = round16(sum * (part<float>(record, plan.filter_scales)[i] * s));
        const std::int16_t t = multiplied(b[i], first_eta[0]);
        r[i] = plan.pgd ? saturated(t + t) : b[i];
    }
    for (std::size_t k = 0; k < plan.denoisers; k++) {
        const auto* g = part<std::int16_t>(record, plan.gains) + k * padded;
        for (std::size_t i = 0; i < n; i++) {
            const std::int16_t z = denoised(plan, r[i], g[i]);
            if (plan.pgd) {
                v[i] = z;
            } else {
                u[i] = saturated(r[i] - z);
                v[i] = saturated(multiplied(z, alpha[k]) - multiplied(u[i], beta[k]));
            }
            vq[i] = static_cast<std::int8_t>(std::clamp<int>(
                multiplied(v[i], d[k]), -plan.activation_limit, plan.activation_limit));
        }
        if (plan.pgd && k + 1 == plan.denoisers) {
            std::copy_n(v, n, o);
            return;
        }
        for (std::size_t i = 0; i < n; i++) {
            const auto sum = static_cast<float>(
                row_product(part<std::int8_t>(record, plan.matrix), padded, i, n, vq));
            float unit = scales[i] * units[k];
            if (plan.pgd) {
                unit = unit * eta[k + 1];
                const std::int16_t t = multiplied(b[i], first_eta[k + 1]);
                r[i] =
                    saturated(saturated(v[i] - round16(sum * unit)) + saturated(t + t));
                continue;
            }
            std::int16_t p = round16(sum * unit);
            if (plan.apart)
                p = saturated(
                    p + 8 * std::clamp<int>(
                                multiplied(v[i],
                                           part<std::int16_t>(record, plan.diagonal)[i]),
                                -4095,
                                4095));
            r[i] = saturated(saturated(b[i] + p) + multiplied(u[i], kappa[k]));
        }
    }
    std::copy_n(r, n, o);
}

void run_vectors(const plan_type& plan,
                 const std::uint8_t* const* records,
                 std::size_t n,
                 const std::complex<float>* y,
                 float scale,
                 std::int16_t* o,
                 bool)
{
    for (std::size_t i = 0; i < n; i++)
        run_one(plan, records[i], y + i * plan.inputs / 2, scale, o + i * plan.padded);
}

#else // vectors

using tag16 = hn::CappedTag<std::int16_t, 32>;
using vec16 = hn::Vec<tag16>;
using tag32 = hn::Repartition<std::int32_t, tag16>;
using vec32 = hn::Vec<tag32>;
using tagf = hn::Repartition<float, tag16>;
using vecf = hn::Vec<tagf>;
using half16 = hn::Half<tag16>;
using tag8 = hn::Rebind<std::int8_t, tag16>;
constexpr std::size_t lanes16 = hn::MaxLanes(tag16());
constexpr std::size_t lanes32 = lanes16 / 2;
constexpr std::size_t max_blocks = most_values / lanes16;

// Two vectors of sums as one of int16 that saturates, in order.
HWY_INLINE vec16 narrowed(vec32 low, vec32 high)
{
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
    const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    return vec16{_mm512_permutexvar_epi64(order, _mm512_packs_epi32(low.raw, high.raw))};
#elif HWY_TARGET == HWY_AVX2
    return vec16{_mm256_permute4x64_epi64(_mm256_packs_epi32(low.raw, high.raw), 0xD8)};
#else
    return hn::Combine(
        tag16(), hn::DemoteTo(half16(), high), hn::DemoteTo(half16(), low));
#endif
}

// rint of what lies within +-2^31, as round16() needs it: beyond 32767 whatever is above.
HWY_INLINE vec32 nearest(vecf v)
{
    const vecf below = hn::Min(v, hn::Set(tagf(), 32767.0f));
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86 // far below, conversion gives the least int32
    return vec32{_mm512_cvtps_epi32(below.raw)};
#elif HWY_TARGET == HWY_AVX2
    return vec32{_mm256_cvtps_epi32(below.raw)};
#else
    return hn::NearestInt(hn::Max(below, hn::Set(tagf(), -32768.0f)));
#endif
}

HWY_INLINE vec16 multiplied(vec16 a, vec16 b) { return hn::MulFixedPoint15(a, b); }

HWY_INLINE vec16 clamped(vec16 v, vec16 least, vec16 most)
{
    return hn::Max(hn::Min(v, most), least);
}

// Four values of a vector in every word of a register.
HWY_INLINE vec32 broadcast(const std::int8_t* x)
{
    std::int32_t word;
    std::memcpy(&word, x, sizeof(word));
    return hn::Set(tag32(), word);
}

// Sums of rows times a vector of bytes. Three ways, the same integers.
//
// A dot product instruction takes unsigned bytes: the vector's are 128 more, and 128 times the
// row's sum is taken away first. Assembly, because no header of ours is compiled with it on.
struct dot_instruction {
    static constexpr bool has_sums = true;
    struct input {
        vec32 bytes;
    };
    static HWY_INLINE input take(const std::int8_t* x)
    {
        return {hn::Xor(broadcast(x),
                        hn::Set(tag32(), static_cast<std::int32_t>(0x80808080u)))};
    }
    static HWY_INLINE vec32 add(vec32 sum, const input& x, const std::int32_t* words)
    {
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
        __asm__("vpdpbusd %2, %1, %0"
                : "+v"(sum.raw)
                : "v"(x.bytes.raw), "m"(*reinterpret_cast<const __m512i*>(words)));
#else
        (void)x;
        (void)words;
#endif
        return sum;
    }
};

// Without it: |x| times the words with x's signs, in pairs that cannot saturate (2 127^2).
struct pair_products {
    static constexpr bool has_sums = false;
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_SSSE3
    struct input {
        vec32 bytes, magnitudes;
    };
    static HWY_INLINE input take(const std::int8_t* x)
    {
        const vec32 v = broadcast(x);
        const hn::Repartition<std::int8_t, tag32> d8;
        return {v, hn::BitCast(tag32(), hn::Abs(hn::BitCast(d8, v)))};
    }
    static HWY_INLINE vec32 add(vec32 sum, const input& x, const std::int32_t* words)
    {
        const vec32 w = hn::Load(tag32(), words);
#if HWY_TARGET <= HWY_AVX3
        const __mmask64 negative = _mm512_movepi8_mask(x.bytes.raw);
        const __m512i with_sign =
            _mm512_mask_sub_epi8(w.raw, negative, _mm512_setzero_si512(), w.raw);
        const __m512i pairs = _mm512_maddubs_epi16(x.magnitudes.raw, with_sign);
        return hn::Add(sum, vec32{_mm512_madd_epi16(pairs, _mm512_set1_epi16(1))});
#elif HWY_TARGET == HWY_AVX2
        const __m256i pairs =
            _mm256_maddubs_epi16(x.magnitudes.raw, _mm256_sign_epi8(w.raw, x.bytes.raw));
        return hn::Add(sum, vec32{_mm256_madd_epi16(pairs, _mm256_set1_epi16(1))});
#else
        const __m128i pairs =
            _mm_maddubs_epi16(x.magnitudes.raw, _mm_sign_epi8(w.raw, x.bytes.raw));
        return hn::Add(sum, vec32{_mm_madd_epi16(pairs, _mm_set1_epi16(1))});
#endif
    }
#else // byte by byte
    struct input {
        vec32 bytes;
    };
    static HWY_INLINE input take(const std::int8_t* x) { return {broadcast(x)}; }
    template <int Up>
    static HWY_INLINE vec32 product(vec32 x, vec32 w)
    {
        return hn::Mul(hn::ShiftRight<24>(hn::ShiftLeft<Up>(x)),
                       hn::ShiftRight<24>(hn::ShiftLeft<Up>(w)));
    }
    static HWY_INLINE vec32 add(vec32 sum, const input& x, const std::int32_t* words)
    {
        const vec32 w = hn::Load(tag32(), words);
        const vec32 low = hn::Add(product<24>(x.bytes, w), product<16>(x.bytes, w));
        const vec32 high = hn::Add(product<8>(x.bytes, w), product<0>(x.bytes, w));
        return hn::Add(sum, hn::Add(low, high));
    }
#endif
};

// V vectors, each over its own record, B vectors of int16 of state (0: as many as it takes).
template <class Dot, std::size_t B, std::size_t V>
struct runner {
    static constexpr std::size_t most = B ? B : max_blocks;
    const plan_type& plan;
    const std::uint8_t* const* records;
    std::size_t blocks;

    HWY_ALIGN std::int8_t bytes[V][most_values + 64];
    vec16 b[V][most], r[V][most], u[V][most], v[V][most];

    HWY_INLINE runner(const plan_type& p, const std::uint8_t* const* some)
        : plan(p), records(some), blocks(B ? B : p.padded / lanes16)
    {
    }

    HWY_INLINE std::size_t n_blocks() const { return B ? B : blocks; }

    // to[v][i] = round16(matrix times bytes, times scales times unit[v]).
    HWY_INLINE void product(std::size_t matrix,
                            std::size_t sums,
                            std::size_t scales,
                            std::size_t values,
                            const float* unit,
                            vec16 (&to)[V][most])
    {
        const std::size_t step = B ? B * lanes16 : plan.padded;
        constexpr std::size_t together = B ? B : 1; // blocks whose sums grow at once
        for (std::size_t first = 0; first < n_blocks(); first += together) {
            vec32 sum[V][2 * together];
#pragma GCC unroll 8
            for (std::size_t i = 0; i < V; i++)
#pragma GCC unroll 16
                for (std::size_t c = 0; c < 2 * together; c++)
                    sum[i][c] = Dot::has_sums
                                    ? hn::Load(tag32(),
                                               part<std::int32_t>(records[i], sums) +
                                                   first * lanes16 + c * lanes32)
                                    : hn::Zero(tag32());
            const std::size_t n = groups(values);
            for (std::size_t g = 0; g < n; g++)
#pragma GCC unroll 8
                for (std::size_t i = 0; i < V; i++) {
                    const auto x = Dot::take(bytes[i] + 4 * g);
                    const auto* words = part<std::int32_t>(records[i], matrix) +
                                        g * step + first * lanes16;
#pragma GCC unroll 16
                    for (std::size_t c = 0; c < 2 * together; c++)
                        sum[i][c] = Dot::add(sum[i][c], x, words + c * lanes32);
                }
#pragma GCC unroll 8
            for (std::size_t i = 0; i < V; i++) {
                const vecf times = hn::Set(tagf(), unit[i]);
                const float* of_row = part<float>(records[i], scales) + first * lanes16;
                const auto scaled = [&](std::size_t c) HWY_ATTR {
                    return nearest(
                        hn::Mul(hn::ConvertTo(tagf(), sum[i][c]),
                                hn::Mul(hn::Load(tagf(), of_row + c * lanes32), times)));
                };
#pragma GCC unroll 16
                for (std::size_t c = 0; c < together; c++)
                    to[i][first + c] = narrowed(scaled(2 * c), scaled(2 * c + 1));
            }
        }
    }

    HWY_INLINE vec16 denoise(vec16 value, vec16 g) const
    {
        const tag16 d;
        if (plan.denoiser != unfolded_denoiser::staircase) {
            const vec16 inside = clamped(value, hn::Neg(g), g);
            return plan.denoiser == unfolded_denoiser::clip
                       ? inside
                       : hn::SaturatedSub(value, inside);
        }
        const int f = plan.fraction_bits;
        const vec16 most_step = hn::Set(d, static_cast<std::int16_t>(1 << (f - 3)));
        const vec16 least_step = hn::Neg(most_step);
        const vec16 h = multiplied(value, g);
        vec16 z = clamped(h, least_step, most_step);
        for (int m = 2; m <= plan.levels - 2; m += 2) {
            const vec16 c = multiplied(hn::Set(d, static_cast<std::int16_t>(m << f)), g);
            z = hn::Add(z, clamped(hn::SaturatedSub(h, c), least_step, most_step));
            z = hn::Add(z, clamped(hn::SaturatedAdd(h, c), least_step, most_step));
        }
        return hn::ShiftLeft<3>(z);
    }

    // What the matrix multiplies, in steps of layer k.
    HWY_INLINE void quantise(std::size_t i, std::size_t block, std::size_t k)
    {
        const tag16 d;
        const auto limit = static_cast<std::int16_t>(plan.activation_limit);
        const vec16 steps = scalar(i, plan.steps, k);
        const vec16 q = clamped(multiplied(v[i][block], steps),
                                hn::Set(d, static_cast<std::int16_t>(-limit)),
                                hn::Set(d, limit));
        hn::StoreU(hn::DemoteTo(tag8(), q), tag8(), bytes[i] + block * lanes16);
    }

    HWY_INLINE void units(std::size_t k, float (&unit)[V]) const
    {
        for (std::size_t i = 0; i < V; i++)
            unit[i] = part<float>(records[i], plan.step_units)[k];
    }

    HWY_INLINE vec16 gain(std::size_t i, std::size_t block, std::size_t k) const
    {
        return hn::Load(tag16(),
                        part<std::int16_t>(records[i], plan.gains) + k * plan.padded +
                            block * lanes16);
    }

    // A scalar of layer k in all lanes.
    HWY_INLINE vec16 scalar(std::size_t i, std::size_t offset, std::size_t k) const
    {
        return hn::Set(tag16(), part<std::int16_t>(records[i], offset)[k]);
    }

    // The diagonal's share of the product; v has 8 times the state's unit.
    HWY_INLINE vec16 own_share(std::size_t i, std::size_t c) const
    {
        const tag16 d;
        const vec16 m =
            hn::Load(d, part<std::int16_t>(records[i], plan.diagonal) + c * lanes16);
        const vec16 most_share = hn::Set(d, std::int16_t{4095});
        return hn::ShiftLeft<3>(
            clamped(multiplied(v[i][c], m), hn::Neg(most_share), most_share));
    }

    HWY_INLINE void admm()
    {
        for (std::size_t i = 0; i < V; i++)
            for (std::size_t c = 0; c < n_blocks(); c++)
                r[i][c] = b[i][c];
        for (std::size_t k = 0; k < plan.denoisers; k++) {
#pragma GCC unroll 8
            for (std::size_t i = 0; i < V; i++)
#pragma GCC unroll 4
                for (std::size_t c = 0; c < n_blocks(); c++) {
                    const vec16 z = denoise(r[i][c], gain(i, c, k));
                    u[i][c] = hn::SaturatedSub(r[i][c], z);
                    v[i][c] = hn::SaturatedSub(
                        multiplied(z, scalar(i, plan.estimate_gains, k)),
                        multiplied(u[i][c], scalar(i, plan.dual_gains, k)));
                    u[i][c] = multiplied(u[i][c], scalar(i, plan.memories, k));
                    quantise(i, c, k);
                }
            float unit[V];
            units(k, unit);
            product(
                plan.matrix, plan.matrix_sums, plan.matrix_scales, plan.outputs, unit, r);
#pragma GCC unroll 8
            for (std::size_t i = 0; i < V; i++)
#pragma GCC unroll 4
                for (std::size_t c = 0; c < n_blocks(); c++) {
                    vec16 p = r[i][c];
                    if (plan.apart)
                        p = hn::SaturatedAdd(p, own_share(i, c));
                    r[i][c] = hn::SaturatedAdd(hn::SaturatedAdd(b[i][c], p), u[i][c]);
                }
        }
    }

    HWY_INLINE vec16 first_step(std::size_t i, std::size_t c, std::size_t k) const
    {
        const vec16 t = multiplied(
            b[i][c],
            hn::Set(tag16(), part<std::int16_t>(records[i], plan.first_etas)[k]));
        return hn::SaturatedAdd(t, t);
    }

    HWY_INLINE void pgd()
    {
        for (std::size_t i = 0; i < V; i++)
            for (std::size_t c = 0; c < n_blocks(); c++)
                r[i][c] = first_step(i, c, 0);
        for (std::size_t k = 0; k < plan.denoisers; k++) {
            for (std::size_t i = 0; i < V; i++)
                for (std::size_t c = 0; c < n_blocks(); c++) {
                    v[i][c] = denoise(r[i][c], gain(i, c, k));
                    quantise(i, c, k);
                }
            if (k + 1 == plan.denoisers)
                break;
            float unit[V];
            units(k, unit);
            // [[scale D] eta]: eta goes to the rows' side, product by product as written
            product_pgd(k, unit);
            for (std::size_t i = 0; i < V; i++)
                for (std::size_t c = 0; c < n_blocks(); c++)
                    r[i][c] = hn::SaturatedAdd(hn::SaturatedSub(v[i][c], r[i][c]),
                                               first_step(i, c, k + 1));
        }
        for (std::size_t i = 0; i < V; i++)
            for (std::size_t c = 0; c < n_blocks(); c++)
                r[i][c] = v[i][c];
    }

    // product() with one more rounding: scales times unit, then times eta.
    HWY_INLINE void product_pgd(std::size_t k, const float* unit)
    {
        HWY_ALIGN std::int32_t sums[most_values];
        for (std::size_t i = 0; i < V; i++) {
            const float eta = part<float>(records[i], plan.etas)[k + 1];
            for (std::size_t c = 0; c < 2 * n_blocks(); c++) {
                vec32 sum =
                    Dot::has_sums
                        ? hn::Load(tag32(),
                                   part<std::int32_t>(records[i], plan.matrix_sums) +
                                       c * lanes32)
                        : hn::Zero(tag32());
                for (std::size_t g = 0; g < groups(plan.outputs); g++)
                    sum = Dot::add(sum,
                                   Dot::take(bytes[i] + 4 * g),
                                   part<std::int32_t>(records[i], plan.matrix) +
                                       g * plan.padded + c * lanes32);
                const vecf of_row = hn::Load(
                    tagf(), part<float>(records[i], plan.matrix_scales) + c * lanes32);
                const vecf all = hn::Mul(hn::Mul(of_row, hn::Set(tagf(), unit[i])),
                                         hn::Set(tagf(), eta));
                hn::Store(nearest(hn::Mul(hn::ConvertTo(tagf(), sum), all)),
                          tag32(),
                          sums + c * lanes32);
            }
            for (std::size_t c = 0; c < n_blocks(); c++)
                r[i][c] = narrowed(hn::Load(tag32(), sums + c * lanes16),
                                   hn::Load(tag32(), sums + c * lanes16 + lanes32));
        }
    }

    // [Re; Im] of y in steps of its largest value; returns the step in units of the state.
    HWY_INLINE float quantise_y(const std::complex<float>* y, float scale, std::size_t i)
    {
        const hn::CappedTag<float, 16> d;
        const hn::RebindToSigned<decltype(d)> di;
        const hn::Rebind<std::int8_t, decltype(d)> d8;
        const std::size_t lanes = hn::Lanes(d), m = plan.inputs / 2;
        HWY_ALIGN float values[most_values + 32];
        const float* from = reinterpret_cast<const float*>(y);
        const auto times = hn::Set(d, scale);
        std::size_t j = 0;
        for (; j + lanes <= m; j += lanes) {
            hn::Vec<decltype(d)> re, im;
            hn::LoadInterleaved2(d, from + 2 * j, re, im);
            hn::StoreU(hn::Mul(re, times), d, values + j);
            hn::StoreU(hn::Mul(im, times), d, values + m + j);
        }
        for (; j < m; j++) {
            values[j] = scale * from[2 * j];
            values[m + j] = scale * from[2 * j + 1];
        }
        for (j = 2 * m; j % lanes != 0; j++)
            values[j] = 0;
        auto largest = hn::Zero(d);
        for (j = 0; j < 2 * m; j += lanes)
            largest = hn::Max(largest, hn::Abs(hn::Load(d, values + j)));
        const float a = hn::GetLane(hn::MaxOfLanes(d, largest));
        const auto limit = static_cast<float>(plan.input_limit);
        const auto to = hn::Set(d, a < 1e-30f ? 0.0f : limit / a);
        const auto most_q = hn::Set(di, plan.input_limit);
        const auto least_q = hn::Set(di, -plan.input_limit);
        for (j = 0; j < 2 * m; j += lanes) {
            const auto q = hn::NearestInt(hn::Mul(hn::Load(d, values + j), to));
            hn::StoreU(
                hn::DemoteTo(d8, hn::Max(hn::Min(q, most_q), least_q)), d8, bytes[i] + j);
        }
        for (; j % 4 != 0; j++)
            bytes[i][j] = 0;
        return a < 1e-30f ? 0.0f
                          : a / limit * static_cast<float>(1 << plan.fraction_bits);
    }

    HWY_INLINE void run(const std::complex<float>* y, float scale, std::int16_t* o)
    {
        float unit[V];
        for (std::size_t i = 0; i < V; i++)
            unit[i] = quantise_y(y + i * plan.inputs / 2, scale, i);
        product(plan.filter, plan.filter_sums, plan.filter_scales, plan.inputs, unit, b);
        if (plan.pgd)
            pgd();
        else
            admm();
        for (std::size_t i = 0; i < V; i++)
            for (std::size_t c = 0; c < n_blocks(); c++)
                hn::Store(r[i][c], tag16(), o + i * plan.padded + c * lanes16);
    }
};

template <class Dot, std::size_t B, std::size_t V>
std::size_t run_groups(const plan_type& plan,
                       const std::uint8_t* const* records,
                       std::size_t from,
                       std::size_t n,
                       const std::complex<float>* y,
                       float scale,
                       std::int16_t* o)
{
    for (; from + V <= n; from += V) {
        runner<Dot, B, V> some(plan, records + from);
        some.run(y + from * plan.inputs / 2, scale, o + from * plan.padded);
    }
    return from;
}

template <class Dot>
void run_all(const plan_type& plan,
             const std::uint8_t* const* records,
             std::size_t n,
             const std::complex<float>* y,
             float scale,
             std::int16_t* o)
{
    constexpr std::size_t small = 32 / lanes16; // blocks of 32 outputs
    constexpr std::size_t together = small == 1 ? 4 : small == 2 ? 2 : 1;
    if (plan.padded == 32) {
        const std::size_t at =
            run_groups<Dot, small, together>(plan, records, 0, n, y, scale, o);
        run_groups<Dot, small, 1>(plan, records, at, n, y, scale, o);
        return;
    }
    run_groups<Dot, 0, 1>(plan, records, 0, n, y, scale, o);
}

void run_vectors(const plan_type& plan,
                 const std::uint8_t* const* records,
                 std::size_t n,
                 const std::complex<float>* y,
                 float scale,
                 std::int16_t* o,
                 bool instruction)
{
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
    if (instruction)
        return run_all<dot_instruction>(plan, records, n, y, scale, o);
#else
    (void)instruction;
#endif
    run_all<pair_products>(plan, records, n, y, scale, o);
}

#endif

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
HWY_EXPORT(run_vectors);

namespace {

bool has_instruction() noexcept
{
#if HWY_ARCH_X86
    return __builtin_cpu_supports("avx512vnni");
#else
    return false;
#endif
}

bool uses_instruction = has_instruction();

constexpr std::size_t line = 64;

} // namespace

void use_dot_product_instruction(bool use) noexcept
{
    uses_instruction = use && has_instruction();
}

void unfolded_int8_plan::lay_out() noexcept
{
    padded = (outputs + 31) / 32 * 32;
    bytes = 0;
    const auto take = [&](std::size_t size) {
        const std::size_t at = bytes;
        bytes += (size + line - 1) / line * line;
        return at;
    };
    filter = take(groups(inputs) * padded * 4);
    filter_sums = take(padded * 4);
    filter_scales = take(padded * 4);
    matrix = take(groups(outputs) * padded * 4);
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
    const std::size_t words = std::max(groups(plan.inputs), groups(plan.outputs));
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
        To* to = part<To>(records[l], offset);
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
    const std::size_t words = groups(2 * x.columns) * plan.padded;
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
        part<std::int16_t>(record, plan.steps)[k] = d;
        part<float>(record, plan.step_units)[k] = std::ldexp(1.0f, whole) / d;
        if (plan.pgd)
            continue;
        part<std::int16_t>(record, plan.estimate_gains)[k] =
            whole_number(4096.0f * s.estimate_gain[k], 0.0f);
        part<std::int16_t>(record, plan.dual_gains)[k] =
            whole_number(4096.0f * s.dual_gain[k], 0.0f);
        part<std::int16_t>(record, plan.memories)[k] =
            whole_number(32768.0f * s.memory[k], 0.0f);
    }
    if (plan.pgd)
        for (std::size_t k = 0; k < plan.layers; k++) {
            part<float>(record, plan.etas)[k] = s.eta[k];
            part<std::int16_t>(record, plan.first_etas)[k] =
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
                auto* g = part<std::int16_t>(records[l], plan.gains) + k * plan.padded;
                g[i] = g[users + i] = static_cast<std::int16_t>(gains[l]);
            }
        }
    }
    for (std::size_t l = 0; l < n; l++) {
        pack_scalars(plan, scalars[l], records[l]);
        for (std::size_t i = 0; i < users; i++) {
            part<float>(records[l], plan.errors)[i] =
                error_scale[l] * errors[i * stride + l];
            if (!plan.apart)
                continue;
            const float m = std::nearbyint(
                limited(32768.0f * (times[l] * matrix.re[matrix.at(i, i) + l]),
                        -32768.0f,
                        32767.0f));
            auto* diagonal = part<std::int16_t>(records[l], plan.diagonal);
            diagonal[i] = diagonal[users + i] = static_cast<std::int16_t>(m);
        }
    }
}

void run_unfolded_int8(const unfolded_int8_plan& plan,
                       const std::uint8_t* const* records,
                       std::size_t n,
                       const std::complex<float>* y,
                       float scale,
                       std::int16_t* o) noexcept
{
    HWY_DYNAMIC_DISPATCH(run_vectors)
    (plan, records, n, y, scale, o, uses_instruction);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

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
#include "kernels/unfolded_record.h"
#include <hwy/highway.h>
#include <algorithm>
#include <cmath>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using plan_type = unfolded_int8_plan;
constexpr std::size_t most_values = plan_type::max_values;

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
    const auto* alpha = record_part<std::int16_t>(record, plan.estimate_gains);
    const auto* beta = record_part<std::int16_t>(record, plan.dual_gains);
    const auto* kappa = record_part<std::int16_t>(record, plan.memories);
    const auto* d = record_part<std::int16_t>(record, plan.steps);
    const auto* units = record_part<float>(record, plan.step_units);
    const auto* first_eta = record_part<std::int16_t>(record, plan.first_etas);
    const auto* eta = record_part<float>(record, plan.etas);
    const auto* scales = record_part<float>(record, plan.matrix_scales);
    for (std::size_t i = 0; i < n; i++) {
        const auto sum = static_cast<float>(row_product(
            record_part<std::int8_t>(record, plan.filter), padded, i, plan.inputs, in));
        b[i] = round16(sum * (record_part<float>(record, plan.filter_scales)[i] * s));
        const std::int16_t t = multiplied(b[i], first_eta[0]);
        r[i] = plan.pgd ? saturated(t + t) : b[i];
    }
    for (std::size_t k = 0; k < plan.denoisers; k++) {
        const auto* g = record_part<std::int16_t>(record, plan.gains) + k * padded;
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
            const auto sum = static_cast<float>(row_product(
                record_part<std::int8_t>(record, plan.matrix), padded, i, n, vq));
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
                    p + 8 * std::clamp<int>(multiplied(v[i],
                                                       record_part<std::int16_t>(
                                                           record, plan.diagonal)[i]),
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
                 std::uint8_t* labels,
                 bool)
{
    const std::size_t users = plan.outputs / 2;
    const auto level = [&](std::int16_t v) {
        const int above = v + (plan.levels << plan.fraction_bits);
        return std::clamp(above >> (plan.fraction_bits + 1), 0, plan.levels - 1);
    };
    for (std::size_t i = 0; i < n; i++, o += plan.padded) {
        run_one(plan, records[i], y + i * plan.inputs / 2, scale, o);
        for (std::size_t u = 0; labels && u < users; u++)
            *labels++ = plan.i_labels[level(o[u])] | plan.q_labels[level(o[users + u])];
    }
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
constexpr std::size_t most_bytes = most_values + 64; // what is stored goes beyond the end
constexpr std::size_t common_values = 32; // of y and x for 16 antennas and 16 users

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

// Keeps the compiler from taking bytes out of the registers that they were stored from: it takes
// a shuffle, where a load that broadcasts is free.
HWY_INLINE const std::int8_t* from_memory(const std::int8_t* bytes)
{
#if HWY_ARCH_X86
    __asm__ volatile("" : "+r"(bytes) : : "memory");
#endif
    return bytes;
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
// A dot product instruction takes unsigned bytes: the vector's are kept 128 more, and 128 times the
// row's sum is taken away first. Assembly, because no header of ours is compiled with it on.
struct dot_instruction {
    static constexpr bool has_sums = true;
    struct input {
        vec32 bytes;
    };
    static constexpr int offset = 128;
    static HWY_INLINE input take(const std::int8_t* x) { return {broadcast(x)}; }
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
    static constexpr int offset = 0;
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

// V vectors, each over its own record, B vectors of int16 of state (0: as many as it takes), L
// levels of a staircase (0: whatever the plan says).
template <class Dot, int L, std::size_t B, std::size_t V>
struct runner {
    static constexpr std::size_t most = B ? B : max_blocks;
    const plan_type& plan;
    const std::uint8_t* records[V];
    std::size_t blocks;

    // Apart from the state, which the compiler then keeps in registers.
    std::int8_t (*const bytes)[most_bytes];
    vec16 b[V][most], r[V][most], u[V][most], v[V][most];

    HWY_INLINE runner(const plan_type& p,
                      const std::uint8_t* const* some,
                      std::int8_t (*memory)[most_bytes])
        : plan(p), blocks(B ? B : p.padded / lanes16), bytes(memory)
    {
#pragma GCC unroll 8
        for (std::size_t i = 0; i < V; i++)
            records[i] = some[i];
    }

    // The common size is known to the compiler.
    HWY_INLINE std::size_t inputs() const { return L ? common_values : plan.inputs; }
    HWY_INLINE std::size_t outputs() const { return L ? common_values : plan.outputs; }

    // Codes as the products want them.
    template <class V8, class D8>
    static HWY_INLINE void keep_bytes(V8 codes, D8 d, std::int8_t* to)
    {
        hn::StoreU(
            Dot::offset ? hn::Xor(codes, hn::Set(d, std::int8_t{-128})) : codes, d, to);
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
                    sum[i][c] =
                        Dot::has_sums
                            ? hn::Load(tag32(),
                                       record_part<std::int32_t>(records[i], sums) +
                                           first * lanes16 + c * lanes32)
                            : hn::Zero(tag32());
            const std::size_t n = word_groups(values);
            const std::int8_t* x_of[V];
            for (std::size_t i = 0; i < V; i++)
                x_of[i] = from_memory(bytes[i]);
#pragma GCC unroll 8
            for (std::size_t g = 0; g < n; g++)
#pragma GCC unroll 8
                for (std::size_t i = 0; i < V; i++) {
                    const auto x = Dot::take(x_of[i] + 4 * g);
                    const auto* words = record_part<std::int32_t>(records[i], matrix) +
                                        g * step + first * lanes16;
#pragma GCC unroll 16
                    for (std::size_t c = 0; c < 2 * together; c++)
                        sum[i][c] = Dot::add(sum[i][c], x, words + c * lanes32);
                }
#pragma GCC unroll 8
            for (std::size_t i = 0; i < V; i++) {
                const vecf times = hn::Set(tagf(), unit[i]);
                const float* of_row =
                    record_part<float>(records[i], scales) + first * lanes16;
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
        if (L == 0 && plan.denoiser != unfolded_denoiser::staircase) {
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
        const int levels = L ? L : plan.levels;
        for (int m = 2; m <= levels - 2; m += 2) {
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
        keep_bytes(hn::DemoteTo(tag8(), q), tag8(), bytes[i] + block * lanes16);
    }

    HWY_INLINE void units(std::size_t k, float (&unit)[V]) const
    {
#pragma GCC unroll 8
        for (std::size_t i = 0; i < V; i++)
            unit[i] = record_part<float>(records[i], plan.step_units)[k];
    }

    HWY_INLINE vec16 gain(std::size_t i, std::size_t block, std::size_t k) const
    {
        return hn::Load(tag16(),
                        record_part<std::int16_t>(records[i], plan.gains) +
                            k * plan.padded + block * lanes16);
    }

    // A scalar of layer k in all lanes.
    HWY_INLINE vec16 scalar(std::size_t i, std::size_t offset, std::size_t k) const
    {
        return hn::Set(tag16(), record_part<std::int16_t>(records[i], offset)[k]);
    }

    // The diagonal's share of the product; v has 8 times the state's unit.
    HWY_INLINE vec16 own_share(std::size_t i, std::size_t c) const
    {
        const tag16 d;
        const vec16 m = hn::Load(
            d, record_part<std::int16_t>(records[i], plan.diagonal) + c * lanes16);
        const vec16 most_share = hn::Set(d, std::int16_t{4095});
        return hn::ShiftLeft<3>(
            clamped(multiplied(v[i][c], m), hn::Neg(most_share), most_share));
    }

    HWY_INLINE void admm()
    {
#pragma GCC unroll 8
        for (std::size_t i = 0; i < V; i++)
#pragma GCC unroll 4
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
                plan.matrix, plan.matrix_sums, plan.matrix_scales, outputs(), unit, r);
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
            hn::Set(tag16(), record_part<std::int16_t>(records[i], plan.first_etas)[k]));
        return hn::SaturatedAdd(t, t);
    }

    HWY_INLINE void pgd()
    {
#pragma GCC unroll 8
        for (std::size_t i = 0; i < V; i++)
#pragma GCC unroll 4
            for (std::size_t c = 0; c < n_blocks(); c++)
                r[i][c] = first_step(i, c, 0);
        for (std::size_t k = 0; k < plan.denoisers; k++) {
#pragma GCC unroll 8
            for (std::size_t i = 0; i < V; i++)
#pragma GCC unroll 4
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
#pragma GCC unroll 8
            for (std::size_t i = 0; i < V; i++)
#pragma GCC unroll 4
                for (std::size_t c = 0; c < n_blocks(); c++)
                    r[i][c] = hn::SaturatedAdd(hn::SaturatedSub(v[i][c], r[i][c]),
                                               first_step(i, c, k + 1));
        }
#pragma GCC unroll 8
        for (std::size_t i = 0; i < V; i++)
#pragma GCC unroll 4
            for (std::size_t c = 0; c < n_blocks(); c++)
                r[i][c] = v[i][c];
    }

    // product() with one more rounding: scales times unit, then times eta.
    HWY_INLINE void product_pgd(std::size_t k, const float* unit)
    {
        HWY_ALIGN std::int32_t sums[most_values];
#pragma GCC unroll 8
        for (std::size_t i = 0; i < V; i++) {
            const float eta = record_part<float>(records[i], plan.etas)[k + 1];
            for (std::size_t c = 0; c < 2 * n_blocks(); c++) {
                vec32 sum = Dot::has_sums ? hn::Load(tag32(),
                                                     record_part<std::int32_t>(
                                                         records[i], plan.matrix_sums) +
                                                         c * lanes32)
                                          : hn::Zero(tag32());
                for (std::size_t g = 0; g < word_groups(outputs()); g++)
                    sum = Dot::add(sum,
                                   Dot::take(bytes[i] + 4 * g),
                                   record_part<std::int32_t>(records[i], plan.matrix) +
                                       g * plan.padded + c * lanes32);
                const vecf of_row = hn::Load(
                    tagf(),
                    record_part<float>(records[i], plan.matrix_scales) + c * lanes32);
                const vecf all = hn::Mul(hn::Mul(of_row, hn::Set(tagf(), unit[i])),
                                         hn::Set(tagf(), eta));
                hn::Store(nearest(hn::Mul(hn::ConvertTo(tagf(), sum), all)),
                          tag32(),
                          sums + c * lanes32);
            }
#pragma GCC unroll 4
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
        const std::size_t lanes = hn::Lanes(d), m = inputs() / 2;
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
            keep_bytes(
                hn::DemoteTo(d8, hn::Max(hn::Min(q, most_q), least_q)), d8, bytes[i] + j);
        }
        for (; j % 4 != 0; j++)
            bytes[i][j] = 0; // its words are 0
        return a < 1e-30f ? 0.0f
                          : a / limit * static_cast<float>(1 << plan.fraction_bits);
    }

    // Decisions of the last layer: levels lie 2 apart, floor((o + L) / 2) in range.
    HWY_INLINE void label(std::uint8_t* labels)
    {
        const tag16 d;
        const hn::FixedTag<std::uint8_t, 16> d8;
        const int levels = L ? L : plan.levels, shift = plan.fraction_bits;
        const vec16 offset =
            hn::Set(d, static_cast<std::int16_t>((levels << shift) >> 1));
        const vec16 last = hn::Set(d, static_cast<std::int16_t>(levels - 1));
        const auto of_i = hn::Load(d8, plan.i_labels), of_q = hn::Load(d8, plan.q_labels);
        const std::size_t users = outputs() / 2;
#pragma GCC unroll 8
        for (std::size_t i = 0; i < V; i++, labels += users) {
#pragma GCC unroll 4
            for (std::size_t c = 0; c < n_blocks(); c++) {
                const vec16 level = hn::ShiftRightSame(
                    hn::Add(hn::ShiftRight<1>(r[i][c]), offset), shift);
                hn::StoreU(hn::DemoteTo(tag8(), clamped(level, hn::Zero(d), last)),
                           tag8(),
                           bytes[i] + c * lanes16);
            }
            const auto* of = reinterpret_cast<const std::uint8_t*>(bytes[i]);
            for (std::size_t u = 0; u < users; u += 16) {
                const auto found =
                    hn::Or(hn::TableLookupBytes(of_i, hn::LoadU(d8, of + u)),
                           hn::TableLookupBytes(of_q, hn::LoadU(d8, of + users + u)));
                HWY_ALIGN std::uint8_t some[16];
                if (u + 16 <= users) {
                    hn::StoreU(found, d8, labels + u);
                } else {
                    hn::Store(found, d8, some);
                    std::copy_n(some, users - u, labels + u);
                }
            }
        }
    }

    HWY_INLINE void run(const std::complex<float>* y, float scale, std::int16_t* o)
    {
        float unit[V];
#pragma GCC unroll 8
        for (std::size_t i = 0; i < V; i++)
            unit[i] = quantise_y(y + i * inputs() / 2, scale, i);
        product(plan.filter, plan.filter_sums, plan.filter_scales, inputs(), unit, b);
        if (L == 0 && plan.pgd)
            pgd();
        else
            admm();
#pragma GCC unroll 8
        for (std::size_t i = 0; i < V; i++)
#pragma GCC unroll 4
            for (std::size_t c = 0; c < n_blocks(); c++)
                hn::Store(r[i][c], tag16(), o + i * plan.padded + c * lanes16);
    }
};

template <class Dot, int L, std::size_t B, std::size_t V>
std::size_t run_groups(const plan_type& plan,
                       const std::uint8_t* const* records,
                       std::size_t from,
                       std::size_t n,
                       const std::complex<float>* y,
                       float scale,
                       std::int16_t* o,
                       std::uint8_t* labels)
{
    HWY_ALIGN std::int8_t bytes[V][most_bytes];
    const plan_type own = plan; // which no byte that is stored can be part of
    for (; from + V <= n; from += V) {
        runner<Dot, L, B, V> some(own, records + from, bytes);
        some.run(y + from * plan.inputs / 2, scale, o + from * plan.padded);
        if (labels)
            some.label(labels + from * plan.outputs / 2);
    }
    return from;
}

template <class Dot>
void run_all(const plan_type& plan,
             const std::uint8_t* const* records,
             std::size_t n,
             const std::complex<float>* y,
             float scale,
             std::int16_t* o,
             std::uint8_t* labels)
{
    constexpr std::size_t small = 32 / lanes16; // blocks of 32 outputs
    constexpr std::size_t together = small == 1 ? 4 : small == 2 ? 2 : 1;
    const bool is_common = plan.inputs == common_values &&
                           plan.outputs == common_values && plan.levels == 4 &&
                           !plan.pgd && plan.denoiser == unfolded_denoiser::staircase;
    std::size_t at = 0;
    if (is_common) {
        at = run_groups<Dot, 4, small, together>(
            plan, records, at, n, y, scale, o, labels);
        run_groups<Dot, 4, small, 1>(plan, records, at, n, y, scale, o, labels);
    } else if (plan.padded == 32) {
        run_groups<Dot, 0, small, 1>(plan, records, at, n, y, scale, o, labels);
    } else {
        run_groups<Dot, 0, 0, 1>(plan, records, at, n, y, scale, o, labels);
    }
}

void run_vectors(const plan_type& plan,
                 const std::uint8_t* const* records,
                 std::size_t n,
                 const std::complex<float>* y,
                 float scale,
                 std::int16_t* o,
                 std::uint8_t* labels,
                 bool instruction)
{
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
    if (instruction)
        return run_all<dot_instruction>(plan, records, n, y, scale, o, labels);
#else
    (void)instruction;
#endif
    run_all<pair_products>(plan, records, n, y, scale, o, labels);
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

} // namespace

void use_dot_product_instruction(bool use) noexcept
{
    uses_instruction = use && has_instruction();
}

void run_unfolded_int8(const unfolded_int8_plan& plan,
                       const std::uint8_t* const* records,
                       std::size_t n,
                       const std::complex<float>* y,
                       float scale,
                       std::int16_t* o,
                       std::uint8_t* labels) noexcept
{
    HWY_DYNAMIC_DISPATCH(run_vectors)
    (plan, records, n, y, scale, o, labels, uses_instruction);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

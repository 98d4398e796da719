/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Unfolded detection in integers, a register of the state at a time: one group of vectors.
// Included once for each target. Compiled without contraction of products and sums.
#if defined(FEWBIT_KERNELS_UNFOLDED_LANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FEWBIT_KERNELS_UNFOLDED_LANES_INL_H
#undef FEWBIT_KERNELS_UNFOLDED_LANES_INL_H
#else
#define FEWBIT_KERNELS_UNFOLDED_LANES_INL_H
#endif

#include "kernels/unfolded_int8.h"
#include "kernels/unfolded_record.h"
#include "kernels/unfolded_state-inl.h"
#include <algorithm>
#include <complex>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

using plan_type = unfolded_int8_plan;
constexpr std::size_t most_values = plan_type::max_values;
constexpr std::size_t most_blocks = most_values / lanes16;
constexpr std::size_t common_values = 32; // of y and x for 16 antennas and 16 users

// V vectors, each over its own record, or all over one (Same); B registers of state a vector (0: as
// many as it takes); L levels of a staircase between 16 antennas and 16 users (0: whatever the
// plan says).
template <class Dots, int L, std::size_t B, std::size_t V, bool Same>
class lanes_runner
{
public:
    static constexpr std::size_t registers = V * B; // of the state
    struct memory {
        alignas(64) std::uint8_t pairs[V][2 * most_values + 64];
        alignas(64) std::uint8_t bytes[V * most_values + 64];
    };

    HWY_INLINE
    lanes_runner(const plan_type& p, const std::uint8_t* const* some, memory& m)
        : plan(p), own(m), blocks(B ? B : p.padded / lanes16)
    {
#pragma GCC unroll 8
        for (std::size_t i = 0; i < R; i++)
            records[i] = some[i];
    }

    // What a processor may do while it sums products: meanwhile(g) after the g-th group of them.
    struct nothing {
        HWY_INLINE void operator()(std::size_t) const {}
    };

    // y [V][antennas] in int16.
    HWY_INLINE void receive(const std::complex<float>* y, float scale)
    {
#pragma GCC unroll 8
        for (std::size_t i = 0; i < V; i++)
            receive_one(y + i * antennas(), scale, i);
    }
    // b and the first r
    template <class Meanwhile = nothing>
    HWY_INLINE void filter(Meanwhile meanwhile = {});

    // Register n of the V * B of admm's layer k up to what the matrix multiplies.
    HWY_INLINE void denoise(std::size_t n, std::size_t k);
    // All of them from there on.
    template <class Meanwhile = nothing>
    HWY_INLINE void multiply(std::size_t k, Meanwhile meanwhile = {});

    HWY_INLINE void admm()
    {
        for (std::size_t k = 0; k < plan.denoisers; k++) {
#pragma GCC unroll 8
            for (std::size_t n = 0; n < V * n_blocks(); n++)
                denoise(n, k);
            multiply(k);
        }
    }
    HWY_INLINE void pgd();

    // [V][padded]
    HWY_INLINE void store(std::int16_t* o) const
    {
#pragma GCC unroll 8
        for (std::size_t i = 0; i < V; i++)
#pragma GCC unroll 4
            for (std::size_t c = 0; c < n_blocks(); c++)
                hn::Store(r[i][c], tag16(), o + i * plan.padded + c * lanes16);
    }

    // Decisions of the outputs [V][users]: levels lie 2 apart, floor((o + L) / 2) in range.
    HWY_INLINE void label(std::uint8_t* labels) const;

private:
    using of_bytes = typename Dots::of_bytes;
    using of_pairs = typename Dots::of_pairs;
    static constexpr std::size_t R = Same ? 1 : V; // records
    static constexpr std::size_t most = B ? B : most_blocks;

    const plan_type& plan;
    memory& own;
    const std::size_t blocks;
    const std::uint8_t* records[R];
    vec16 b[V][most], r[V][most], u[V][most], v[V][most];

    // The common size is known to the compiler.
    HWY_INLINE std::size_t antennas() const
    {
        return (L ? common_values : plan.inputs) / 2;
    }
    HWY_INLINE std::size_t users() const
    {
        return (L ? common_values : plan.outputs) / 2;
    }
    HWY_INLINE std::size_t n_blocks() const { return B ? B : blocks; }
    HWY_INLINE std::size_t rows() const { return n_blocks() * lanes32; }

    template <typename T>
    HWY_INLINE const T* part(std::size_t i, std::size_t offset) const
    {
        return record_part<T>(records[Same ? 0 : i], offset);
    }
    HWY_INLINE const unfolded_layer& layer(std::size_t i, std::size_t k) const
    {
        return part<unfolded_layer>(i, plan.layer_scalars)[k];
    }

    // int16 codes of y: of two complex values the real parts, the imaginary ones, group by group.
    HWY_INLINE void receive_one(const std::complex<float>* y, float scale, std::size_t i)
    {
        const float* from = reinterpret_cast<const float*>(y);
        const std::size_t n = 2 * antennas();
        const vecf times = hn::Set(tagf(), scale * *part<float>(i, plan.input_scale));
        HWY_ALIGN float values[2 * lanes32];
        for (std::size_t j = 0; j < n; j += lanes16) {
            const float* some = from + j;
            if (L == 0 && j + lanes16 > n) {
                std::fill(std::copy(some, from + n, values), values + 2 * lanes32, 0.0f);
                some = values;
            }
            const auto codes = [&](const float* at) HWY_ATTR {
                return nearest(limited(hn::Mul(hn::LoadU(tagf(), at), times)));
            };
            keep_pairs(narrowed(codes(some), codes(some + lanes32)),
                       own.pairs[i] + 2 * j);
        }
    }

    static HWY_INLINE void keep_pairs(vec16 codes, std::uint8_t* to)
    {
        const hn::Repartition<std::uint8_t, tag16> d;
        alignas(16) static constexpr std::uint8_t order[16] = {
            0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15};
        hn::Store(
            hn::TableLookupBytes(hn::BitCast(d, codes), hn::LoadDup128(d, order)), d, to);
    }

    // Registers n and n + 1 of v as bytes in steps of layer k: of four users the real parts, the
    // imaginary ones, group by group.
    HWY_INLINE void keep_bytes(std::size_t n, std::size_t k)
    {
        const std::size_t next = n + 1 < V * n_blocks() ? n + 1 : n;
        const vec8 bytes = as_bytes(code(n / n_blocks(), n % n_blocks(), k),
                                    code(next / n_blocks(), next % n_blocks(), k));
        const vec8 more = hn::Set(tag8(), std::int8_t{-128});
        hn::Store(of_bytes::bytes_are_128_more ? hn::Xor(bytes, more) : bytes,
                  tag8(),
                  reinterpret_cast<std::int8_t*>(own.bytes) + n * lanes16);
    }

    // Sums of a matrix' rows c lanes32 .., and what becomes of them: use(i, c, real, imag).
    template <class Dot, class X, class Start, class Use, class Meanwhile>
    HWY_INLINE void sum_products(std::size_t matrix,
                                 std::size_t n_words,
                                 X x_of,
                                 Start start,
                                 Use use,
                                 Meanwhile meanwhile)
    {
        constexpr std::size_t together = B ? B : 1; // blocks whose sums grow at once
        const std::size_t next = 2 * rows();
        for (std::size_t first = 0; first < n_blocks(); first += together) {
            typename Dot::sums sums[V][together];
#pragma GCC unroll 8
            for (std::size_t i = 0; i < V; i++)
#pragma GCC unroll 4
                for (std::size_t c = 0; c < together; c++)
                    sums[i][c] = start(i, first + c);
#pragma GCC unroll 8
            for (std::size_t g = 0; g < n_words; g++) {
                const auto word = [&](std::size_t i, std::size_t c, bool im) HWY_ATTR {
                    return hn::Load(tag32(),
                                    part<std::int32_t>(i, matrix) + g * next +
                                        (im ? rows() : 0) + (first + c) * lanes32);
                };
#pragma GCC unroll 8
                for (std::size_t i = 0; i < V; i++) {
                    const std::uint8_t* at = x_of(i, g);
                    const auto re = Dot::take(at), im = Dot::take(at + 4);
#pragma GCC unroll 4
                    for (std::size_t c = 0; c < together; c++)
                        Dot::add(sums[i][c], word(i, c, false), word(i, c, true), re, im);
                }
                meanwhile(g);
            }
#pragma GCC unroll 8
            for (std::size_t i = 0; i < V; i++)
#pragma GCC unroll 4
                for (std::size_t c = 0; c < together; c++)
                    use(i, first + c, Dot::real(sums[i][c]), Dot::imag(sums[i][c]));
        }
    }

    // round16 of sums times units, within int32 before it.
    static HWY_INLINE vec16 scaled(vec32 real, vec32 imag, vecf unit)
    {
        return narrowed(nearest(hn::Mul(hn::ConvertTo(tagf(), real), unit)),
                        nearest(hn::Mul(hn::ConvertTo(tagf(), imag), unit)));
    }
    // The same, from beyond int32 too.
    static HWY_INLINE vec16 limited_scaled(vec32 real, vec32 imag, vecf unit)
    {
        const auto bound = [](vecf v) HWY_ATTR {
            return hn::Max(hn::Min(v, hn::Set(tagf(), 32767.0f)),
                           hn::Set(tagf(), -32768.0f));
        };
        return narrowed(nearest(bound(hn::Mul(hn::ConvertTo(tagf(), real), unit))),
                        nearest(bound(hn::Mul(hn::ConvertTo(tagf(), imag), unit))));
    }

    // P times the bytes kept.
    template <class Use, class Meanwhile = nothing>
    HWY_INLINE void product(Use use, Meanwhile meanwhile = {})
    {
        const std::uint8_t* at = from_memory(own.bytes);
        const std::size_t groups = n_blocks() * lanes16 / 8;
        sum_products<of_bytes>(
            plan.matrix,
            byte_words(users()),
            [&](std::size_t i, std::size_t g)
                HWY_ATTR { return at + place(i * groups + g); },
            [&](std::size_t i, std::size_t c) HWY_ATTR {
                if (!of_bytes::bytes_are_128_more)
                    return of_bytes::start(hn::Zero(tag32()), hn::Zero(tag32()));
                const auto* sums = part<std::int32_t>(i, plan.matrix_sums) + c * lanes32;
                return of_bytes::start(hn::Load(tag32(), sums),
                                       hn::Load(tag32(), sums + rows()));
            },
            use,
            meanwhile);
    }

    HWY_INLINE vecf scale(std::size_t i, std::size_t c) const
    {
        return hn::Load(tagf(), part<float>(i, plan.matrix_scales) + c * lanes32);
    }

    HWY_INLINE vec16 gain(std::size_t i, std::size_t c, std::size_t k) const
    {
        return hn::Load(
            tag16(), part<std::int16_t>(i, plan.gains) + k * plan.padded + c * lanes16);
    }

    HWY_INLINE vec16 denoised(vec16 value, vec16 g) const
    {
        const tag16 d;
        if (L == 0 && plan.denoiser != unfolded_denoiser::staircase) {
            const vec16 inside = clamped(value, hn::Neg(g), g);
            return plan.denoiser == unfolded_denoiser::clip
                       ? inside
                       : hn::SaturatedSub(value, inside);
        }
        const int f = plan.fraction_bits;
        const vec16 step = hn::Set(d, static_cast<std::int16_t>(1 << (f - 3)));
        const vec16 h = multiplied(value, g);
        // clamp(h - c, step) = clamp(h, c - step, c + step) - c, and c meets -c: saturating sums,
        // which multipliers' units do, are not needed.
        vec16 z = clamped(h, hn::Neg(step), step);
        const int levels = L ? L : plan.levels;
        for (int m = 2; m <= levels - 2; m += 2) {
            const vec16 c = multiplied(hn::Set(d, static_cast<std::int16_t>(m << f)), g);
            const vec16 low = hn::Sub(c, step), high = hn::Add(c, step);
            z = hn::Add(z, clamped(h, low, high));
            z = hn::Add(z, clamped(h, hn::Neg(high), hn::Neg(low)));
        }
        return hn::ShiftLeft<3>(z);
    }

    // r - z, and v of z and r - z: z has r's sign, and with four levels at most half of int16, so
    // that nothing saturates.
    static HWY_INLINE vec16 difference(vec16 a, vec16 b)
    {
        return L == 4 ? hn::Sub(a, b) : hn::SaturatedSub(a, b);
    }

    // v in steps of layer k; as_bytes() saturates where all eight bits are used.
    HWY_INLINE vec16 code(std::size_t i, std::size_t c, std::size_t k) const
    {
        const tag16 d;
        const vec16 q = multiplied(v[i][c], spread(layer(i, k).step));
        const auto limit = static_cast<std::int16_t>(plan.activation_limit);
        if (L != 0 || limit == 127)
            return q;
        return clamped(
            q, hn::Set(d, static_cast<std::int16_t>(-limit)), hn::Set(d, limit));
    }

    // The diagonal's share of the product; v has 8 times the state's unit.
    HWY_INLINE vec16 own_share(std::size_t i, std::size_t c) const
    {
        const tag16 d;
        const vec16 m = hn::Load(d, part<std::int16_t>(i, plan.diagonal) + c * lanes16);
        const vec16 most_share = hn::Set(d, std::int16_t{4095});
        return hn::ShiftLeft<3>(
            clamped(multiplied(v[i][c], m), hn::Neg(most_share), most_share));
    }

    HWY_INLINE vec16 first_step(std::size_t i, std::size_t c, std::size_t k) const
    {
        const auto& step = part<unfolded_step>(i, plan.step_scalars)[k];
        const vec16 t = multiplied(b[i][c], spread(step.first_eta));
        return hn::SaturatedAdd(t, t);
    }
};

template <class Dots, int L, std::size_t B, std::size_t V, bool Same>
template <class Meanwhile>
HWY_INLINE void lanes_runner<Dots, L, B, V, Same>::filter(Meanwhile meanwhile)
{
    const std::uint8_t* at[V];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < V; i++)
        at[i] = from_memory(own.pairs[i]);
    sum_products<of_pairs>(
        plan.filter,
        pair_words(antennas()),
        [&](std::size_t i, std::size_t g) HWY_ATTR { return at[i] + place(g); },
        [&](std::size_t, std::size_t)
            HWY_ATTR { return of_pairs::start(hn::Zero(tag32()), hn::Zero(tag32())); },
        [&](std::size_t i, std::size_t c, vec32 real, vec32 imag) HWY_ATTR {
            const vecf unit =
                hn::Load(tagf(), part<float>(i, plan.filter_units) + c * lanes32);
            r[i][c] = b[i][c] = scaled(real, imag, unit);
        },
        meanwhile);
}

template <class Dots, int L, std::size_t B, std::size_t V, bool Same>
HWY_INLINE void lanes_runner<Dots, L, B, V, Same>::denoise(std::size_t n, std::size_t k)
{
    const std::size_t i = n / n_blocks(), c = n % n_blocks();
    const auto& of = layer(i, k);
    const vec16 z = denoised(r[i][c], gain(i, c, k));
    u[i][c] = difference(r[i][c], z);
    v[i][c] = difference(multiplied(z, spread(of.estimate_gain)),
                         multiplied(u[i][c], spread(of.dual_gain)));
    u[i][c] = multiplied(u[i][c], spread(of.memory));
    if (n % 2 == 1 || n + 1 == V * n_blocks())
        keep_bytes(n / 2 * 2, k);
}

template <class Dots, int L, std::size_t B, std::size_t V, bool Same>
template <class Meanwhile>
HWY_INLINE void lanes_runner<Dots, L, B, V, Same>::multiply(std::size_t k,
                                                            Meanwhile meanwhile)
{
    product(
        [&](std::size_t i, std::size_t c, vec32 real, vec32 imag) HWY_ATTR {
            const vecf unit = hn::Set(tagf(), layer(i, k).step_unit);
            vec16 p = scaled(real, imag, hn::Mul(scale(i, c), unit));
            if (L == 0 && plan.apart)
                p = hn::SaturatedAdd(p, own_share(i, c));
            r[i][c] = hn::SaturatedAdd(hn::SaturatedAdd(b[i][c], p), u[i][c]);
        },
        meanwhile);
}

template <class Dots, int L, std::size_t B, std::size_t V, bool Same>
HWY_INLINE void lanes_runner<Dots, L, B, V, Same>::pgd()
{
    for (std::size_t i = 0; i < V; i++)
        for (std::size_t c = 0; c < n_blocks(); c++)
            r[i][c] = first_step(i, c, 0);
    for (std::size_t k = 0; k < plan.denoisers; k++) {
        for (std::size_t i = 0; i < V; i++)
            for (std::size_t c = 0; c < n_blocks(); c++)
                v[i][c] = denoised(r[i][c], gain(i, c, k));
        if (k + 1 == plan.denoisers)
            break;
        for (std::size_t n = 0; n < V * n_blocks(); n += 2)
            keep_bytes(n, k);
        product([&](std::size_t i, std::size_t c, vec32 real, vec32 imag) HWY_ATTR {
            const float eta = part<unfolded_step>(i, plan.step_scalars)[k + 1].eta;
            const vecf unit =
                hn::Mul(scale(i, c), hn::Set(tagf(), layer(i, k).step_unit));
            const vec16 p =
                limited_scaled(real, imag, hn::Mul(unit, hn::Set(tagf(), eta)));
            r[i][c] =
                hn::SaturatedAdd(hn::SaturatedSub(v[i][c], p), first_step(i, c, k + 1));
        });
    }
    for (std::size_t i = 0; i < V; i++)
        for (std::size_t c = 0; c < n_blocks(); c++)
            r[i][c] = v[i][c];
}

template <class Dots, int L, std::size_t B, std::size_t V, bool Same>
HWY_INLINE void lanes_runner<Dots, L, B, V, Same>::label(std::uint8_t* labels) const
{
    const tag16 d;
    const hn::Repartition<std::uint8_t, tag16> d8;
    const hn::Repartition<std::uint64_t, tag16> d64;
    const int levels = L ? L : plan.levels, shift = plan.fraction_bits;
    const auto last = hn::Set(d8, static_cast<std::uint8_t>(levels - 1));
    const auto of_i = hn::LoadDup128(d8, plan.i_labels);
    const auto of_q = hn::LoadDup128(d8, plan.q_labels);
    const vec16 half = hn::Set(d, static_cast<std::int16_t>((levels << shift) >> 1));
    const auto level = [&](std::size_t n) HWY_ATTR {
        const vec16 o = r[n / n_blocks()][n % n_blocks()];
        return hn::ShiftRightSame(hn::Add(hn::ShiftRight<1>(o), half), shift);
    };
#pragma GCC unroll 8
    for (std::size_t n = 0; n < V * n_blocks(); n += 2) {
        const std::size_t next = n + 1 < V * n_blocks() ? n + 1 : n;
        const auto found =
            hn::Min(hn::BitCast(d8, as_unsigned_bytes(level(n), level(next))), last);
        const auto q = hn::BitCast(d64, hn::TableLookupBytes(of_q, found));
        // the first four bytes of eight
        const auto both = hn::Or(hn::TableLookupBytes(of_i, found),
                                 hn::BitCast(d8, hn::ShiftRight<32>(q)));
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
        if (L != 0 && B == 1 && V > 1) { // two vectors
            const __m512i order =
                _mm512_setr_epi32(0, 4, 8, 12, 2, 6, 10, 14, 0, 4, 8, 12, 2, 6, 10, 14);
            const __m512i in_order = _mm512_permutexvar_epi32(order, both.raw);
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(labels + n * users()),
                                _mm512_castsi512_si256(in_order));
            continue;
        }
#endif
        hn::Store(both, d8, own.bytes + n * lanes16);
    }
    if (lanes16 == 32 && L != 0 && B == 1 && V > 1 && HWY_ARCH_X86)
        return;
    const std::size_t groups = n_blocks() * lanes16 / 8;
#pragma GCC unroll 8
    for (std::size_t i = 0; i < V; i++)
#pragma GCC unroll 4
        for (std::size_t g = 0; 4 * g < users(); g++)
            std::copy_n(own.bytes + place(i * groups + g),
                        std::min<std::size_t>(4, users() - 4 * g),
                        labels + i * users() + 4 * g);
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace kernels
} // namespace fewbit
} // namespace gr
HWY_AFTER_NAMESPACE();

#endif // FEWBIT_KERNELS_UNFOLDED_LANES_INL_H

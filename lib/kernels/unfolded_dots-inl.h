/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Sums of complex products of whole numbers, for unfolded detection: words of four int8, or of two
// int16, of a matrix' rows times as many values of a vector. Several ways, the same integers.
// Included once for each target.
#if defined(FEWBIT_KERNELS_UNFOLDED_DOTS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FEWBIT_KERNELS_UNFOLDED_DOTS_INL_H
#undef FEWBIT_KERNELS_UNFOLDED_DOTS_INL_H
#else
#define FEWBIT_KERNELS_UNFOLDED_DOTS_INL_H
#endif

#include <hwy/highway.h>
#include <cstddef>
#include <cstdint>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using tag16 = hn::CappedTag<std::int16_t, 32>;
using vec16 = hn::Vec<tag16>;
using tag32 = hn::Repartition<std::int32_t, tag16>;
using vec32 = hn::Vec<tag32>;
using tag8 = hn::Repartition<std::int8_t, tag16>;
using vec8 = hn::Vec<tag8>;
constexpr std::size_t lanes16 = hn::MaxLanes(tag16());
constexpr std::size_t lanes32 = lanes16 / 2;

// Four bytes of a vector, or two int16, in every word of a register.
HWY_INLINE vec32 broadcast(const std::uint8_t* x)
{
    std::int32_t word;
    std::memcpy(&word, x, sizeof(word));
    return hn::Set(tag32(), word);
}

// Each way has
//   input            of a vector, as it wants it, take(where it lies)
//   sums             of rows; start(what the real and the imaginary ones begin with)
//   add()            words Re, Im of the matrix times values of real and imaginary parts
//   real(), imag()   Re re - Im im and Im re + Re im

#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86

// One instruction multiplies and adds. Assembly, because no header of ours is compiled with it on.
// It cannot subtract, so that Im im has a sum of its own.
struct instruction_sums {
    struct input {
        vec32 values;
    };
    struct sums {
        vec32 re_re, im_im, imag;
    };
    static HWY_INLINE input take(const std::uint8_t* x) { return {broadcast(x)}; }
    static HWY_INLINE sums start(vec32 real, vec32 imag)
    {
        return {real, hn::Zero(tag32()), imag};
    }
    static HWY_INLINE vec32 real(const sums& s) { return hn::Sub(s.re_re, s.im_im); }
    static HWY_INLINE vec32 imag(const sums& s) { return s.imag; }
};

// It takes unsigned bytes: the vector's are kept 128 more, and 128 times the row's sum taken away
// first.
struct byte_instruction : instruction_sums {
    static constexpr bool bytes_are_128_more = true;
    static HWY_INLINE void dot(vec32& sum, vec32 x, vec32 words)
    {
        __asm__("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(x.raw), "v"(words.raw));
    }
    static HWY_INLINE void
    add(sums& s, vec32 re, vec32 im, const input& x, const input& y)
    {
        dot(s.re_re, x.values, re);
        dot(s.im_im, y.values, im);
        dot(s.imag, x.values, im);
        dot(s.imag, y.values, re);
    }
};

struct pair_instruction : instruction_sums {
    static HWY_INLINE void dot(vec32& sum, vec32 x, vec32 words)
    {
        __asm__("vpdpwssd %2, %1, %0" : "+v"(sum.raw) : "v"(x.raw), "v"(words.raw));
    }
    static HWY_INLINE void
    add(sums& s, vec32 re, vec32 im, const input& x, const input& y)
    {
        dot(s.re_re, x.values, re);
        dot(s.im_im, y.values, im);
        dot(s.imag, x.values, im);
        dot(s.imag, y.values, re);
    }
};

#endif

struct plain_sums {
    struct sums {
        vec32 re, im;
    };
    static HWY_INLINE sums start(vec32 real, vec32 imag) { return {real, imag}; }
    static HWY_INLINE vec32 real(const sums& s) { return s.re; }
    static HWY_INLINE vec32 imag(const sums& s) { return s.im; }
};

// Bytes without the instruction: |x| times the words with x's signs, in pairs that cannot saturate
// (2 * 127 * 128).
struct byte_products : plain_sums {
    static constexpr bool bytes_are_128_more = false;
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_SSSE3
    struct input {
        vec32 bytes, magnitudes;
    };
    static HWY_INLINE input take(const std::uint8_t* x)
    {
        const vec32 v = broadcast(x);
        return {v, hn::BitCast(tag32(), hn::Abs(hn::BitCast(tag8(), v)))};
    }
    static HWY_INLINE vec32 dot(const input& x, vec32 w)
    {
#if HWY_TARGET <= HWY_AVX3
        const __mmask64 negative = _mm512_movepi8_mask(x.bytes.raw);
        const __m512i with_sign =
            _mm512_mask_sub_epi8(w.raw, negative, _mm512_setzero_si512(), w.raw);
        const __m512i pairs = _mm512_maddubs_epi16(x.magnitudes.raw, with_sign);
        return vec32{_mm512_madd_epi16(pairs, _mm512_set1_epi16(1))};
#elif HWY_TARGET == HWY_AVX2
        const __m256i pairs =
            _mm256_maddubs_epi16(x.magnitudes.raw, _mm256_sign_epi8(w.raw, x.bytes.raw));
        return vec32{_mm256_madd_epi16(pairs, _mm256_set1_epi16(1))};
#else
        const __m128i pairs =
            _mm_maddubs_epi16(x.magnitudes.raw, _mm_sign_epi8(w.raw, x.bytes.raw));
        return vec32{_mm_madd_epi16(pairs, _mm_set1_epi16(1))};
#endif
    }
#else // byte by byte
    struct input {
        vec32 bytes;
    };
    static HWY_INLINE input take(const std::uint8_t* x) { return {broadcast(x)}; }
    template <int Up>
    static HWY_INLINE vec32 product(vec32 x, vec32 w)
    {
        return hn::Mul(hn::ShiftRight<24>(hn::ShiftLeft<Up>(x)),
                       hn::ShiftRight<24>(hn::ShiftLeft<Up>(w)));
    }
    static HWY_INLINE vec32 dot(const input& x, vec32 w)
    {
        return hn::Add(hn::Add(product<24>(x.bytes, w), product<16>(x.bytes, w)),
                       hn::Add(product<8>(x.bytes, w), product<0>(x.bytes, w)));
    }
#endif
    static HWY_INLINE void
    add(sums& s, vec32 re, vec32 im, const input& x, const input& y)
    {
        s.re = hn::Sub(hn::Add(s.re, dot(x, re)), dot(y, im));
        s.im = hn::Add(hn::Add(s.im, dot(x, im)), dot(y, re));
    }
};

struct pair_products : plain_sums {
    struct input {
        vec32 pairs;
    };
    static HWY_INLINE input take(const std::uint8_t* x) { return {broadcast(x)}; }
    static HWY_INLINE vec32 dot(const input& x, vec32 w)
    {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
        return vec32{_mm512_madd_epi16(x.pairs.raw, w.raw)};
#elif HWY_ARCH_X86 && HWY_TARGET == HWY_AVX2
        return vec32{_mm256_madd_epi16(x.pairs.raw, w.raw)};
#elif HWY_ARCH_X86
        return vec32{_mm_madd_epi16(x.pairs.raw, w.raw)};
#else
        const auto high = hn::Mul(hn::ShiftRight<16>(x.pairs), hn::ShiftRight<16>(w));
        const auto low = hn::Mul(hn::ShiftRight<16>(hn::ShiftLeft<16>(x.pairs)),
                                 hn::ShiftRight<16>(hn::ShiftLeft<16>(w)));
        return hn::Add(low, high);
#endif
    }
    static HWY_INLINE void
    add(sums& s, vec32 re, vec32 im, const input& x, const input& y)
    {
        s.re = hn::Sub(hn::Add(s.re, dot(x, re)), dot(y, im));
        s.im = hn::Add(hn::Add(s.im, dot(x, im)), dot(y, re));
    }
};

// The two of a way: of bytes, and of pairs of int16.
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
struct with_instruction {
    using of_bytes = byte_instruction;
    using of_pairs = pair_instruction;
};
#endif
struct without_instruction {
    using of_bytes = byte_products;
    using of_pairs = pair_products;
};

} // namespace
} // namespace HWY_NAMESPACE
} // namespace kernels
} // namespace fewbit
} // namespace gr
HWY_AFTER_NAMESPACE();

#endif // FEWBIT_KERNELS_UNFOLDED_DOTS_INL_H

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Registers of the int8 detector's state: int16, and what int32 sums and bytes become in them.
// Included once for each target. Compiled without contraction of products and sums.
#if defined(FEWBIT_KERNELS_UNFOLDED_STATE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FEWBIT_KERNELS_UNFOLDED_STATE_INL_H
#undef FEWBIT_KERNELS_UNFOLDED_STATE_INL_H
#else
#define FEWBIT_KERNELS_UNFOLDED_STATE_INL_H
#endif

#include "kernels/unfolded_dots-inl.h"
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

using tagf = hn::Repartition<float, tag16>;
using vecf = hn::Vec<tagf>;

// Two vectors of int32 as int16, four values of each in turn: state order. It saturates.
HWY_INLINE vec16 narrowed(vec32 real, vec32 imag)
{
    return hn::ReorderDemote2To(tag16(), real, imag);
}

// Two vectors of int16 as int8, or as uint8, eight values of each in turn. They saturate.
HWY_INLINE vec8 as_bytes(vec16 a, vec16 b)
{
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
    return vec8{_mm512_packs_epi16(a.raw, b.raw)};
#elif HWY_TARGET == HWY_AVX2
    return vec8{_mm256_packs_epi16(a.raw, b.raw)};
#else
    const hn::Half<tag8> half;
    return hn::Combine(tag8(), hn::DemoteTo(half, b), hn::DemoteTo(half, a));
#endif
}
HWY_INLINE vec8 as_unsigned_bytes(vec16 a, vec16 b)
{
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
    return vec8{_mm512_packus_epi16(a.raw, b.raw)};
#elif HWY_TARGET == HWY_AVX2
    return vec8{_mm256_packus_epi16(a.raw, b.raw)};
#else
    const hn::Repartition<std::uint8_t, tag16> d;
    const hn::Half<decltype(d)> half;
    return hn::BitCast(tag8(),
                       hn::Combine(d, hn::DemoteTo(half, b), hn::DemoteTo(half, a)));
#endif
}

// Where the 8 bytes of group g lie after that, the groups of all vectors counted.
HWY_INLINE constexpr std::size_t place(std::size_t g)
{
    constexpr std::size_t groups = lanes16 / 8;
    return g / groups / 2 * 2 * lanes16 + g % groups * 16 + g / groups % 2 * 8;
}

// rint of what lies within int32.
HWY_INLINE vec32 nearest(vecf v)
{
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
    return vec32{_mm512_cvtps_epi32(v.raw)};
#elif HWY_TARGET == HWY_AVX2
    return vec32{_mm256_cvtps_epi32(v.raw)};
#elif HWY_ARCH_X86
    return vec32{_mm_cvtps_epi32(v.raw)};
#else
    return hn::NearestInt(v);
#endif
}

// Within +-32767.
HWY_INLINE vecf limited(vecf v)
{
    const vecf most = hn::Set(tagf(), 32767.0f);
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
    return vecf{_mm512_range_ps(v.raw, most.raw, 2)}; // the lesser magnitude, v's sign
#else
    return hn::Max(hn::Min(v, most), hn::Neg(most));
#endif
}

HWY_INLINE vec16 multiplied(vec16 a, vec16 b) { return hn::MulFixedPoint15(a, b); }

HWY_INLINE vec16 clamped(vec16 v, vec16 least, vec16 most)
{
    return hn::Max(hn::Min(v, most), least);
}

// An int16 that stands twice, in all lanes.
HWY_INLINE vec16 spread(const std::int16_t (&pair)[2])
{
    std::int32_t word;
    std::memcpy(&word, pair, sizeof(word));
    return hn::BitCast(tag16(), hn::Set(tag32(), word));
}

// Keeps the compiler from taking bytes out of the registers that they were stored from: it takes
// a shuffle, where a load that broadcasts is free.
HWY_INLINE const std::uint8_t* from_memory(const std::uint8_t* bytes)
{
#if HWY_ARCH_X86
    __asm__ volatile("" : "+r"(bytes) : : "memory");
#endif
    return bytes;
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace kernels
} // namespace fewbit
} // namespace gr
HWY_AFTER_NAMESPACE();

#endif // FEWBIT_KERNELS_UNFOLDED_STATE_INL_H

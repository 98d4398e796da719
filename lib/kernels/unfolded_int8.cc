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
#if HWY_TARGET == HWY_SCALAR
#include "kernels/unfolded_scalar-inl.h"
#else
#include "kernels/unfolded_groups-inl.h"
#endif

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

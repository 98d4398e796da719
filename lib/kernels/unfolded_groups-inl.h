/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// A call's vectors in groups: which runner they get, and two groups interleaved.
// Included once for each target. Compiled without contraction of products and sums.
#if defined(FEWBIT_KERNELS_UNFOLDED_GROUPS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FEWBIT_KERNELS_UNFOLDED_GROUPS_INL_H
#undef FEWBIT_KERNELS_UNFOLDED_GROUPS_INL_H
#else
#define FEWBIT_KERNELS_UNFOLDED_GROUPS_INL_H
#endif

#include "kernels/unfolded_lanes-inl.h"
#include <algorithm>
#include <complex>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

// What a call is about.
struct job {
    const plan_type& plan;
    const std::uint8_t* const* records;
    const std::complex<float>* y;
    float scale;
    std::int16_t* o;
    std::uint8_t* labels;
};

template <class Runner>
HWY_INLINE void finish(const Runner& some, const job& all, std::size_t from)
{
    if (all.o)
        some.store(all.o + from * all.plan.padded);
    if (all.labels)
        some.label(all.labels + from * all.plan.outputs / 2);
}

template <class Dots, int L, std::size_t B, std::size_t V, bool Same>
HWY_INLINE void run_group(const plan_type& plan, const job& all, std::size_t from)
{
    using runner = lanes_runner<Dots, L, B, V, Same>;
    typename runner::memory memory;
    runner some(plan, all.records + from, memory);
    some.receive(all.y + from * plan.inputs / 2, all.scale);
    some.filter();
    if (L == 0 && plan.pgd)
        some.pgd();
    else
        some.admm();
    finish(some, all, from);
}

// Register g of a runner's layer k denoised after the g-th products of another are summed.
template <class Runner>
struct denoising {
    Runner& some;
    std::size_t k;
    HWY_INLINE void operator()(std::size_t g) const
    {
        if (g < Runner::registers)
            some.denoise(g, k);
    }
};

// Two groups of V vectors, admm, half a layer apart: one is denoised while the products of the other
// are summed, instruction by instruction, for they go to different units of a processor and its
// window is shorter than either.
template <class Dots, int L, std::size_t B, std::size_t V, bool Same>
HWY_INLINE void run_two_groups(const plan_type& plan, const job& all, std::size_t from)
{
    using runner = lanes_runner<Dots, L, B, V, Same>;
    using while_denoising = denoising<runner>;
    typename runner::memory memory[2];
    const std::size_t next = from + V, last = plan.denoisers - 1;
    runner one(plan, all.records + from, memory[0]);
    runner other(plan, all.records + next, memory[1]);
    one.receive(all.y + from * plan.inputs / 2, all.scale);
    other.receive(all.y + next * plan.inputs / 2, all.scale);
    one.filter();
    other.filter(while_denoising{one, 0});
    for (std::size_t k = 0; k < last; k++) {
        one.multiply(k, while_denoising{other, k});
        other.multiply(k, while_denoising{one, k + 1});
    }
    one.multiply(last, while_denoising{other, last});
    other.multiply(last);
    finish(one, all, from);
    finish(other, all, next);
}

inline bool are_one(const std::uint8_t* const* records, std::size_t n)
{
    return std::count(records, records + n, records[0]) == static_cast<std::ptrdiff_t>(n);
}

template <class Dots, int L, std::size_t B, std::size_t V>
std::size_t run_groups(const job& all, std::size_t from, std::size_t n)
{
    const plan_type plan = all.plan; // which no byte that is stored can be part of
    for (; from + V <= n; from += V) {
        if (V > 1 && are_one(all.records + from, V))
            run_group<Dots, L, B, V, true>(plan, all, from);
        else
            run_group<Dots, L, B, V, false>(plan, all, from);
    }
    return from;
}

template <class Dots, int L, std::size_t B, std::size_t V>
std::size_t run_pairs_of_groups(const job& all, std::size_t from, std::size_t n)
{
    const plan_type plan = all.plan;
    for (; from + 2 * V <= n; from += 2 * V) {
        if (are_one(all.records + from, 2 * V))
            run_two_groups<Dots, L, B, V, true>(plan, all, from);
        else
            run_two_groups<Dots, L, B, V, false>(plan, all, from);
    }
    return from;
}

template <class Dots>
void run_all(const job& all, std::size_t n)
{
    constexpr std::size_t small = 32 / lanes16; // registers of 32 outputs
    constexpr std::size_t together = small == 1 ? 4 : small == 2 ? 2 : 1;
    const plan_type& plan = all.plan;
    const bool is_common = plan.inputs == common_values &&
                           plan.outputs == common_values && plan.levels == 4 &&
                           !plan.pgd && !plan.apart && plan.activation_limit == 127 &&
                           plan.denoiser == unfolded_denoiser::staircase;
    // Sixteen registers of 128 bits are too few for two groups.
    constexpr bool in_pairs = together > 1;
    std::size_t at = 0;
    if constexpr (in_pairs)
        if (is_common)
            at = run_pairs_of_groups<Dots, 4, small, together>(all, at, n);
    if (is_common)
        run_groups<Dots, 4, small, 1>(all, at, n);
    else if (plan.padded == 32)
        run_groups<Dots, 0, small, 1>(all, 0, n);
    else
        run_groups<Dots, 0, 0, 1>(all, 0, n);
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
    const job all{plan, records, y, scale, o, labels};
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
    if (instruction)
        return run_all<with_instruction>(all, n);
#else
    (void)instruction;
#endif
    run_all<without_instruction>(all, n);
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace kernels
} // namespace fewbit
} // namespace gr
HWY_AFTER_NAMESPACE();

#endif // FEWBIT_KERNELS_UNFOLDED_GROUPS_INL_H

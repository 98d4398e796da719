/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Vectors whose length the compiler does not know cannot be kept in arrays, as the sums are.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/unfolded_float.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/unfolded_float.h"
#include <hwy/contrib/math/math-inl.h>
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
using tag = hn::CappedTag<float, 16>;
using vec = hn::Vec<tag>;
using plan_type = unfolded_float_plan;
constexpr std::size_t most_values = plan_type::max_values;
constexpr std::size_t together = 4; // vectors that pass through the layers side by side

struct row {
    HWY_ALIGN float values[most_values];
};

HWY_INLINE vec clamped(vec v, vec most)
{
    return hn::Max(hn::Min(v, most), hn::Neg(most));
}

// sum_j columns_v[j][block] x_v[j] for B vectors of rows of V vectors.
template <std::size_t B, std::size_t V, class Use>
HWY_INLINE void products(const float* const* columns,
                         std::size_t n_columns,
                         std::size_t padded,
                         const row* x,
                         std::size_t block,
                         Use use)
{
    const tag d;
    const std::size_t lanes = hn::Lanes(d);
    vec sum[V][B];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; v++)
#pragma GCC unroll 2
        for (std::size_t b = 0; b < B; b++)
            sum[v][b] = hn::Zero(d);
    for (std::size_t j = 0; j < n_columns; j++) {
#pragma GCC unroll 4
        for (std::size_t v = 0; v < V; v++) {
            const vec one = hn::Set(d, x[v].values[j]);
#pragma GCC unroll 2
            for (std::size_t b = 0; b < B; b++)
                sum[v][b] =
                    hn::MulAdd(hn::Load(d, columns[v] + j * padded + (block + b) * lanes),
                               one,
                               sum[v][b]);
        }
    }
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; v++)
#pragma GCC unroll 2
        for (std::size_t b = 0; b < B; b++)
            use(v, (block + b) * lanes, sum[v][b]);
}

// use(vector, first row, sums) for all rows of a matrix times x.
template <std::size_t V, class Use>
HWY_INLINE void product(const float* const* columns,
                        std::size_t n_columns,
                        std::size_t padded,
                        const row* x,
                        Use use)
{
    const std::size_t blocks = padded / hn::Lanes(tag());
    std::size_t block = 0;
    for (; block + 2 <= blocks; block += 2)
        products<2, V>(columns, n_columns, padded, x, block, use);
    if (block < blocks)
        products<1, V>(columns, n_columns, padded, x, block, use);
}

HWY_INLINE void split(const std::complex<float>* y, std::size_t m, float scale, float* x)
{
    for (std::size_t j = 0; j < m; j++) {
        x[j] = scale * y[j].real();
        x[m + j] = scale * y[j].imag();
    }
}

void filter_rows(const float* const* filters,
                 std::size_t n,
                 std::size_t inputs,
                 std::size_t padded,
                 const std::complex<float>* y,
                 float* x)
{
    row in[together];
    const auto some = [&](auto count, std::size_t from) HWY_ATTR {
        constexpr std::size_t V = decltype(count)::value;
        for (std::size_t v = 0; v < V; v++)
            split(y + (from + v) * inputs / 2, inputs / 2, 1.0f, in[v].values);
        product<V>(filters + from,
                   inputs,
                   padded,
                   in,
                   [&](std::size_t v, std::size_t i, vec sum)
                       HWY_ATTR { hn::StoreU(sum, tag(), x + (from + v) * padded + i); });
    };
    std::size_t at = 0;
    for (; at + together <= n; at += together)
        some(std::integral_constant<std::size_t, together>(), at);
    for (; at < n; at++)
        some(std::integral_constant<std::size_t, 1>(), at);
}

HWY_INLINE vec posterior_mean(vec r, vec w, int levels)
{
    const tag d;
    const vec scale = hn::Div(hn::Set(d, -0.5f), w);
    // The nearest level's exponent is taken out, so that not all of them vanish.
    vec least = hn::Set(d, 3e38f);
    for (int l = 1 - levels; l < levels; l += 2) {
        const vec e = hn::Sub(r, hn::Set(d, static_cast<float>(l)));
        least = hn::Min(least, hn::Mul(e, e));
    }
    vec sum = hn::Zero(d), weighted = hn::Zero(d);
    for (int l = 1 - levels; l < levels; l += 2) {
        const vec level = hn::Set(d, static_cast<float>(l));
        const vec e = hn::Sub(r, level);
        const vec exponent = hn::Mul(hn::Sub(hn::Mul(e, e), least), scale);
        const vec q = hn::Exp(d, hn::Max(exponent, hn::Set(d, -80.0f)));
        sum = hn::Add(sum, q);
        weighted = hn::MulAdd(q, level, weighted);
    }
    return hn::Div(weighted, sum);
}

HWY_INLINE vec denoised(const plan_type& plan, vec r, vec w)
{
    const tag d;
    switch (plan.denoiser) {
    case unfolded_denoiser::soft_threshold:
        return hn::Sub(r, clamped(r, w));
    case unfolded_denoiser::clip:
        return clamped(r, w);
    case unfolded_denoiser::posterior_mean:
        return posterior_mean(r, w, plan.levels);
    case unfolded_denoiser::staircase:
        break;
    }
    const vec one = hn::Set(d, 1.0f);
    const vec inverse = hn::Div(one, hn::Max(w, hn::Set(d, 0.125f)));
    vec z = hn::Zero(d);
    for (int m = 2 - plan.levels; m < plan.levels; m += 2)
        z = hn::Add(
            z,
            clamped(hn::Mul(hn::Sub(r, hn::Set(d, static_cast<float>(m))), inverse),
                    one));
    return z;
}

// In steps of `step`, at most `limit` of them.
HWY_INLINE vec stepped(vec v, vec step, float limit)
{
    const tag d;
    return hn::Mul(step, clamped(hn::Round(hn::Div(v, step)), hn::Set(d, limit)));
}

HWY_INLINE void
take_y(const plan_type& plan, const std::complex<float>* y, float scale, float* x)
{
    split(y, plan.inputs / 2, scale, x);
    if (plan.input_limit == 0)
        return;
    float a = 0;
    for (std::size_t j = 0; j < plan.inputs; j++)
        a = std::max(a, std::abs(x[j]));
    const float to = a < 1e-30f ? 0.0f : plan.input_limit / a,
                step = a / plan.input_limit;
    for (std::size_t j = 0; j < plan.inputs; j++)
        x[j] = step *
               std::clamp(std::nearbyint(x[j] * to), -plan.input_limit, plan.input_limit);
}

// V vectors through all layers.
template <std::size_t V>
void run_some(const plan_type& plan,
              const float* const* records,
              const std::complex<float>* y,
              float scale,
              float* o)
{
    const tag d;
    const std::size_t lanes = hn::Lanes(d), padded = plan.padded;
    row b[V], r[V], u[V], x[V];
    const float* matrices[V];
    for (std::size_t v = 0; v < V; v++) {
        take_y(plan, y + v * plan.inputs / 2, scale, x[v].values);
        matrices[v] = records[v] + plan.filter;
    }
    product<V>(matrices,
               plan.inputs,
               padded,
               x,
               [&](std::size_t v, std::size_t i, vec sum) HWY_ATTR {
                   const vec eta = hn::Set(d, plan.pgd ? records[v][plan.etas] : 1.0f);
                   hn::Store(sum, d, b[v].values + i);
                   hn::Store(hn::Mul(sum, eta), d, r[v].values + i);
               });
    for (std::size_t v = 0; v < V; v++)
        matrices[v] = records[v] + plan.matrix;
    for (std::size_t k = 0; k < plan.denoisers; k++) {
        for (std::size_t v = 0; v < V; v++) {
            const float* w = records[v] + plan.widths + k * padded;
            const vec step = hn::Set(d, records[v][plan.steps + k]);
            const float* gains = records[v] + plan.gains + k;
            const vec alpha = hn::Set(d, gains[0]);
            const vec beta = hn::Set(d, gains[plan.denoisers]);
            const vec kappa = hn::Set(d, gains[2 * plan.denoisers]);
            for (std::size_t i = 0; i < padded; i += lanes) {
                const vec in = hn::Load(d, r[v].values + i);
                const vec z = denoised(plan, in, hn::Load(d, w + i));
                const vec dual = hn::Sub(in, z);
                vec out = z, apart = hn::Zero(d);
                if (!plan.pgd)
                    out = hn::NegMulAdd(beta, dual, hn::Mul(alpha, z));
                if (plan.apart)
                    apart = hn::Mul(hn::Load(d, records[v] + plan.diagonal + i), out);
                if (plan.activation_limit > 0)
                    out = stepped(out, step, plan.activation_limit);
                hn::Store(hn::MulAdd(kappa, dual, apart), d, u[v].values + i);
                hn::Store(out, d, x[v].values + i);
            }
        }
        if (plan.pgd && k + 1 == plan.denoisers) {
            for (std::size_t v = 0; v < V; v++)
                std::copy_n(x[v].values, padded, o + v * padded);
            return;
        }
        product<V>(matrices,
                   plan.outputs,
                   padded,
                   x,
                   [&](std::size_t v, std::size_t i, vec sum) HWY_ATTR {
                       const vec before = hn::Load(d, b[v].values + i);
                       const vec admm =
                           hn::Add(hn::Add(before, sum), hn::Load(d, u[v].values + i));
                       if (!plan.pgd) {
                           hn::Store(admm, d, r[v].values + i);
                           return;
                       }
                       const vec eta = hn::Set(d, records[v][plan.etas + k + 1]);
                       hn::Store(hn::MulAdd(eta,
                                            hn::Sub(before, sum),
                                            hn::Load(d, x[v].values + i)),
                                 d,
                                 r[v].values + i);
                   });
    }
    for (std::size_t v = 0; v < V; v++)
        std::copy_n(r[v].values, padded, o + v * padded);
}

void run_rows(const plan_type& plan,
              const float* const* records,
              std::size_t n,
              const std::complex<float>* y,
              float scale,
              float* o)
{
    std::size_t at = 0;
    for (; at + together <= n; at += together)
        run_some<together>(
            plan, records + at, y + at * plan.inputs / 2, scale, o + at * plan.padded);
    for (; at < n; at++)
        run_some<1>(
            plan, records + at, y + at * plan.inputs / 2, scale, o + at * plan.padded);
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

HWY_EXPORT(filter_rows);
HWY_EXPORT(run_rows);

void unfolded_float_plan::lay_out() noexcept
{
    padded = aligned_stride(outputs);
    filter = 0;
    matrix = filter + inputs * padded;
    diagonal = matrix + outputs * padded;
    widths = diagonal + (apart ? padded : 0);
    steps = widths + denoisers * padded;
    etas = steps + denoisers;
    gains = etas + layers;
    errors = gains + 3 * denoisers;
    floats = aligned_stride(errors + outputs / 2);
}

void run_unfolded_float(const unfolded_float_plan& plan,
                        const float* const* records,
                        std::size_t n,
                        const std::complex<float>* y,
                        float scale,
                        float* o) noexcept
{
    HWY_DYNAMIC_DISPATCH(run_rows)(plan, records, n, y, scale, o);
}

void filter_vectors(const float* const* filters,
                    std::size_t n,
                    std::size_t inputs,
                    std::size_t padded,
                    const std::complex<float>* y,
                    float* x) noexcept
{
    HWY_DYNAMIC_DISPATCH(filter_rows)(filters, n, inputs, padded, y, x);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

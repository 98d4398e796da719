/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/expectation.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/expectation.h"
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>
#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
constexpr std::size_t stride = expectation_propagation::lanes;
using tag = hn::CappedTag<float, stride>;
using vec = hn::Vec<tag>;
using memory = expectation_propagation::memory;

constexpr float least_variance = 1e-4f; // of a symbol's moments
constexpr float least_pivot = 1e-20f;

// Where value (i, j <= i) of a lower triangle stands.
constexpr std::size_t at(std::size_t i, std::size_t j)
{
    return (i * (i + 1) / 2 + j) * stride;
}

// L^-1 of G + diag(precision) = L L^T.
HWY_INLINE void inverse_root(const memory& m, std::size_t lane)
{
    const tag d;
    float* const l = m.lower + lane;
    for (std::size_t i = 0; i < m.columns; i++) {
        for (std::size_t j = 0; j < i; j++) {
            vec sum = hn::Load(d, m.gram + at(i, j) + lane), other = hn::Zero(d);
            std::size_t p = 0;
            for (; p + 2 <= j; p += 2) {
                sum = hn::NegMulAdd(
                    hn::Load(d, l + at(i, p)), hn::Load(d, l + at(j, p)), sum);
                other = hn::NegMulAdd(
                    hn::Load(d, l + at(i, p + 1)), hn::Load(d, l + at(j, p + 1)), other);
            }
            if (p < j)
                sum = hn::NegMulAdd(
                    hn::Load(d, l + at(i, p)), hn::Load(d, l + at(j, p)), sum);
            // the diagonal holds 1 / L_jj
            hn::Store(
                hn::Mul(hn::Add(sum, other), hn::Load(d, l + at(j, j))), d, l + at(i, j));
        }
        vec pivot = hn::Add(hn::Load(d, m.gram + at(i, i) + lane),
                            hn::Load(d, m.precision + i * stride + lane));
        for (std::size_t p = 0; p < i; p++) {
            const vec v = hn::Load(d, l + at(i, p));
            pivot = hn::NegMulAdd(v, v, pivot);
        }
        pivot = hn::Max(pivot, hn::Set(d, least_pivot));
        hn::Store(hn::Div(hn::Set(d, 1.0f), hn::Sqrt(pivot)), d, l + at(i, i));
    }
    for (std::size_t i = 1; i < m.columns; i++) {
        const vec inverse = hn::Neg(hn::Load(d, l + at(i, i)));
        for (std::size_t j = 0; j < i; j++) {
            vec sum = hn::Zero(d), other = hn::Zero(d);
            std::size_t p = j;
            for (; p + 2 <= i; p += 2) {
                sum =
                    hn::MulAdd(hn::Load(d, l + at(i, p)), hn::Load(d, l + at(p, j)), sum);
                other = hn::MulAdd(
                    hn::Load(d, l + at(i, p + 1)), hn::Load(d, l + at(p + 1, j)), other);
            }
            if (p < i)
                sum =
                    hn::MulAdd(hn::Load(d, l + at(i, p)), hn::Load(d, l + at(p, j)), sum);
            hn::Store(hn::Mul(hn::Add(sum, other), inverse), d, l + at(i, j));
        }
    }
}

// whitened = L^-1 (z + shift).
HWY_INLINE void whiten(const memory& m, std::size_t lane)
{
    const tag d;
    for (std::size_t p = 0; p < m.columns; p++) {
        vec sum = hn::Zero(d);
        for (std::size_t j = 0; j <= p; j++)
            sum = hn::MulAdd(hn::Load(d, m.lower + at(p, j) + lane),
                             hn::Add(hn::Load(d, m.z + j * stride + lane),
                                     hn::Load(d, m.shift + j * stride + lane)),
                             sum);
        hn::Store(sum, d, m.whitened + p * stride + lane);
    }
}

// Mean and variance of the levels as seen from t in noise of variance h.
HWY_INLINE void moments(int levels, vec t, vec h, vec& mean, vec& variance)
{
    const tag d;
    const vec scale = hn::Div(hn::Set(d, -0.5f), h);
    vec least = hn::Set(d, 3e38f);
    for (int l = 1 - levels; l < levels; l += 2) {
        const vec e = hn::Sub(t, hn::Set(d, static_cast<float>(l)));
        least = hn::Min(least, hn::Mul(e, e));
    }
    vec sum = hn::Zero(d), first = hn::Zero(d), second = hn::Zero(d);
    for (int l = 1 - levels; l < levels; l += 2) {
        const vec level = hn::Set(d, static_cast<float>(l));
        const vec e = hn::Sub(t, level);
        const vec exponent = hn::Mul(hn::Sub(hn::Mul(e, e), least), scale);
        const vec q = hn::Exp(d, hn::Max(exponent, hn::Set(d, -80.0f)));
        sum = hn::Add(sum, q);
        first = hn::MulAdd(q, level, first);
        second = hn::MulAdd(hn::Mul(q, level), level, second);
    }
    mean = hn::Div(first, sum);
    variance = hn::Max(hn::NegMulAdd(mean, mean, hn::Div(second, sum)),
                       hn::Set(d, least_variance));
}

HWY_INLINE void update(const memory& m, std::size_t i, std::size_t lane, bool last)
{
    const tag d;
    const vec one = hn::Set(d, 1.0f), damping = hn::Set(d, m.damping);
    vec s = hn::Zero(d), mu = hn::Zero(d);
    for (std::size_t p = i; p < m.columns; p++) {
        const vec x = hn::Load(d, m.lower + at(p, i) + lane);
        s = hn::MulAdd(x, x, s);
        mu = hn::MulAdd(x, hn::Load(d, m.whitened + p * stride + lane), mu);
    }
    float* const precision = m.precision + i * stride + lane;
    float* const shift = m.shift + i * stride + lane;
    const vec before = hn::Load(d, precision), shift_before = hn::Load(d, shift);
    const vec rest = hn::Max(hn::NegMulAdd(s, before, one), hn::Set(d, 1e-6f));
    const vec h = hn::Max(hn::Div(s, rest), hn::Set(d, 1e-8f));
    const vec t = hn::Mul(h, hn::Sub(hn::Div(mu, s), shift_before));
    if (last) {
        hn::Store(t, d, m.mean + i * stride + lane);
        hn::Store(h, d, m.variance + i * stride + lane);
        return;
    }
    vec mean, variance;
    moments(m.levels, t, h, mean, variance);
    const vec found = hn::Sub(hn::Div(one, variance), hn::Div(one, h));
    const vec shift_found = hn::Sub(hn::Div(mean, variance), hn::Div(t, h));
    const auto sound = hn::Gt(found, hn::Zero(d));
    const vec step = hn::IfThenElseZero(sound, damping);
    hn::Store(hn::MulAdd(step, hn::Sub(found, before), before), d, precision);
    hn::Store(
        hn::MulAdd(step, hn::Sub(shift_found, shift_before), shift_before), d, shift);
}

void run_lanes(const memory& m)
{
    const tag d;
    const float energy = static_cast<float>(m.levels * m.levels - 1) / 3.0f;
    for (std::size_t lane = 0; lane < stride; lane += hn::Lanes(d)) {
        for (std::size_t i = 0; i < m.columns; i++) {
            hn::Store(hn::Set(d, 1.0f / energy), d, m.precision + i * stride + lane);
            hn::Store(hn::Zero(d), d, m.shift + i * stride + lane);
        }
        for (std::size_t k = 0; k <= m.iterations; k++) {
            inverse_root(m, lane);
            whiten(m, lane);
            for (std::size_t i = 0; i < m.columns; i++)
                update(m, i, lane, k == m.iterations);
        }
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

HWY_EXPORT(run_lanes);

expectation_propagation::expectation_propagation(std::size_t columns, int levels)
    : d_columns(columns),
      d_levels(levels),
      d_gram(record_floats() * lanes),
      d_z(columns * lanes),
      d_lower(record_floats() * lanes),
      d_precision(columns * lanes),
      d_shift(columns * lanes),
      d_whitened(columns * lanes),
      d_mean(columns * lanes),
      d_variance(columns * lanes)
{
}

void expectation_propagation::run(const float* const* records,
                                  const float* z,
                                  std::size_t n_stride,
                                  std::size_t n,
                                  std::size_t iterations,
                                  float damping) noexcept
{
    for (std::size_t l = 0; l < lanes; l++) {
        const std::size_t v = std::min(l, n - 1); // lanes beyond repeat the last
        for (std::size_t i = 0; i < record_floats(); i++)
            d_gram[i * lanes + l] = records[v][i];
        for (std::size_t i = 0; i < d_columns; i++)
            d_z[i * lanes + l] = z[v * n_stride + i];
    }
    HWY_DYNAMIC_DISPATCH(run_lanes)
    ({d_columns,
      d_levels,
      iterations,
      damping,
      d_gram.data(),
      d_z.data(),
      d_lower.data(),
      d_precision.data(),
      d_shift.data(),
      d_whitened.data(),
      d_mean.data(),
      d_variance.data()});
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/channel_check.h"

#include "blocks/finite_vectors.h"
#include <algorithm>
#include <cmath>

namespace gr {
namespace fewbit {

namespace {

constexpr std::size_t lanes = 8;  // sums side by side, which the compiler vectorises
constexpr float shortest = 1e-5f; // of a column's rest, over the longest column
constexpr float least_rest = shortest * shortest;

float dot(const float* a, const float* b, std::size_t n) noexcept
{
    float sums[lanes] = {};
    for (std::size_t i = 0; i < n; i += lanes)
        for (std::size_t j = 0; j < lanes; j++)
            sums[j] += a[i + j] * b[i + j];
    float sum = 0.0f;
    for (const float one : sums)
        sum += one;
    return sum;
}

} // namespace

channel_check::channel_check(std::size_t antennas, std::size_t users)
    : d_antennas(antennas),
      d_users(users),
      d_stride((antennas + lanes - 1) / lanes * lanes),
      d_columns(users * 2 * d_stride)
{
}

// Columns of their own, brought to where their squares neither overflow nor vanish.
bool channel_check::load(const gr_complex* h) noexcept
{
    float largest = 0.0f;
    for (std::size_t i = 0; i < d_antennas * d_users; i++)
        largest = std::max({largest, std::fabs(h[i].real()), std::fabs(h[i].imag())});
    if (largest == 0.0f)
        return false;
    int exponent;
    std::frexp(largest, &exponent);
    // In two steps: the factor alone may be beyond float32.
    const float half = std::ldexp(1.0f, -exponent / 2);
    const float rest = std::ldexp(1.0f, -exponent - (-exponent / 2));
    for (std::size_t i = 0; i < d_antennas; i++)
        for (std::size_t k = 0; k < d_users; k++) {
            const gr_complex value = h[i * d_users + k];
            float* column = d_columns.data() + k * 2 * d_stride;
            column[i] = value.real() * half * rest;
            column[d_stride + i] = value.imag() * half * rest;
        }
    d_longest = 0.0f;
    for (std::size_t k = 0; k < d_users; k++) {
        const float* column = d_columns.data() + k * 2 * d_stride;
        d_longest = std::max(d_longest, dot(column, column, 2 * d_stride));
    }
    return true;
}

bool channel_check::is_singular() noexcept
{
    const std::size_t n = 2 * d_stride;
    for (std::size_t k = 0; k < d_users; k++) {
        const float* a = d_columns.data() + k * n;
        const float power = dot(a, a, n);
        if (!(power > least_rest * d_longest))
            return true;
        for (std::size_t l = k + 1; l < d_users; l++) {
            float* b = d_columns.data() + l * n;
            const float re = dot(a, b, n) / power; // of a^H b
            const float im =
                (dot(a, b + d_stride, d_stride) - dot(a + d_stride, b, d_stride)) / power;
            for (std::size_t i = 0; i < d_stride; i++) {
                b[i] -= re * a[i] - im * a[d_stride + i];
                b[d_stride + i] -= re * a[d_stride + i] + im * a[i];
            }
        }
    }
    return false;
}

channel_fault channel_check::examine(const gr_complex* h) noexcept
{
    if (!are_finite(reinterpret_cast<const float*>(h), 2 * d_antennas * d_users))
        return channel_fault::not_finite;
    if (!load(h))
        return channel_fault::zero;
    if (d_users > d_antennas || is_singular())
        return channel_fault::singular;
    return channel_fault::none;
}

} // namespace fewbit
} // namespace gr

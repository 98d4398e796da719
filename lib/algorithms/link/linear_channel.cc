/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/link/linear_channel.h>

#include "algorithms/link/random_source.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

double checked(const char* what, double value)
{
    if (!(value >= 0) || !std::isfinite(value))
        throw std::invalid_argument(std::string("linear_channel: ") + what + " is " +
                                    std::to_string(value) +
                                    ", expected 0 or a positive, finite number");
    return value;
}

void check_matrix(const std::vector<std::complex<float>>& a, std::size_t m, std::size_t k)
{
    constexpr std::size_t most = linear_channel::max_size;
    if (m < 1 || m > most || k < 1 || k > most || a.size() != m * k)
        throw std::invalid_argument("linear_channel: got " + std::to_string(a.size()) +
                                    " values for " + std::to_string(m) + " x " +
                                    std::to_string(k) +
                                    ", expected a matrix of at most " +
                                    std::to_string(most) + " rows and columns");
    for (const auto& one : a)
        if (!std::isfinite(one.real()) || !std::isfinite(one.imag()))
            throw std::invalid_argument(
                "linear_channel: the matrix holds a value that is "
                "not finite, expected numbers");
}

} // namespace

linear_channel::linear_channel(const std::vector<std::complex<float>>& matrix,
                               std::size_t m,
                               std::size_t k,
                               double noise_variance,
                               std::uint64_t seed)
    : d_given(matrix),
      d_used(matrix),
      d_m(m),
      d_k(k),
      d_complex(true),
      d_noise_variance(checked("noise_variance", noise_variance)),
      d_random(std::make_unique<random_source>(seed))
{
    check_matrix(d_given, m, k);
}

linear_channel::linear_channel(const std::vector<float>& matrix,
                               std::size_t m,
                               std::size_t k,
                               double noise_variance,
                               std::uint64_t seed)
    : linear_channel(std::vector<std::complex<float>>(matrix.begin(), matrix.end()),
                     m,
                     k,
                     noise_variance,
                     seed)
{
    d_complex = false;
}

linear_channel::~linear_channel() = default;
linear_channel::linear_channel(linear_channel&&) noexcept = default;
linear_channel& linear_channel::operator=(linear_channel&&) noexcept = default;

void linear_channel::set_noise_variance(double noise_variance)
{
    d_noise_variance = checked("noise_variance", noise_variance);
}

void linear_channel::perturb(double e)
{
    const auto deviation = static_cast<float>(std::sqrt(checked("e", e)));
    const float per_axis = d_complex ? deviation * std::sqrt(0.5f) : deviation;
    for (std::size_t i = 0; i < d_used.size(); i++) {
        std::complex<float> error = per_axis * d_random->gaussian();
        if (!d_complex)
            error = error.real();
        d_used[i] = d_given[i] * (1.0f + error);
    }
}

void linear_channel::restore() noexcept
{
    std::copy(d_given.begin(), d_given.end(), d_used.begin());
}

void linear_channel::apply(const float* s, std::size_t n, float* y) noexcept
{
    const auto deviation = static_cast<float>(std::sqrt(d_noise_variance));
    for (std::size_t v = 0; v < n; v++, s += d_k, y += d_m) {
        for (std::size_t i = 0; i < d_m; i++) {
            const std::complex<float>* row = d_used.data() + i * d_k;
            float sum = 0;
            for (std::size_t j = 0; j < d_k; j++)
                sum += row[j].real() * s[j];
            y[i] = sum;
        }
        if (deviation == 0)
            continue;
        for (std::size_t i = 0; i < d_m; i += 2) {
            const auto pair = d_random->gaussian();
            y[i] += deviation * pair.real();
            if (i + 1 < d_m)
                y[i + 1] += deviation * pair.imag();
        }
    }
}

namespace {

// Without std::complex's product, which looks for NaN and infinity by a call.
void add_product(std::complex<float> a, float s, float& re, float& im) noexcept
{
    re += a.real() * s;
    im += a.imag() * s;
}

void add_product(std::complex<float> a,
                 std::complex<float> s,
                 float& re,
                 float& im) noexcept
{
    re += a.real() * s.real() - a.imag() * s.imag();
    im += a.real() * s.imag() + a.imag() * s.real();
}

} // namespace

template <typename S>
void linear_channel::apply_complex(const S* s,
                                   std::size_t n,
                                   std::complex<float>* y) noexcept
{
    const auto per_axis = static_cast<float>(std::sqrt(0.5 * d_noise_variance));
    for (std::size_t v = 0; v < n; v++, s += d_k, y += d_m)
        for (std::size_t i = 0; i < d_m; i++) {
            const std::complex<float>* row = d_used.data() + i * d_k;
            float re = 0, im = 0;
            for (std::size_t j = 0; j < d_k; j++)
                add_product(row[j], s[j], re, im);
            y[i] = {re, im};
            if (per_axis > 0)
                y[i] += per_axis * d_random->gaussian();
        }
}

void linear_channel::apply(const float* s, std::size_t n, std::complex<float>* y) noexcept
{
    apply_complex(s, n, y);
}

void linear_channel::apply(const std::complex<float>* s,
                           std::size_t n,
                           std::complex<float>* y) noexcept
{
    apply_complex(s, n, y);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/link/tdl_filter.h"

#include <algorithm>
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr std::size_t chunk = 1024;  // samples convolved at a time
constexpr double kaiser_shape = 7.0; // -65 dB of error up to 0.35 of the sample rate
constexpr double pi = 3.14159265358979323846;

// Modified Bessel function I0 by its power series, enough terms for x <= 20.
double bessel_i0(double x)
{
    double sum = 1.0, term = 1.0;
    for (int k = 1; k < 60; ++k) {
        term *= (x / (2.0 * k)) * (x / (2.0 * k));
        sum += term;
    }
    return sum;
}

double windowed_sinc(double x, double half_width)
{
    const double edge = x / half_width;
    if (std::abs(edge) >= 1.0)
        return 0.0;
    const double window =
        bessel_i0(kaiser_shape * std::sqrt(1.0 - edge * edge)) / bessel_i0(kaiser_shape);
    return window * (std::abs(x) < 1e-12 ? 1.0 : std::sin(pi * x) / (pi * x));
}

} // namespace

tdl_filter::tdl_filter(const std::vector<double>& delays, std::size_t lead)
    : d_lead(lead), d_n_delays(delays.size())
{
    const double longest = *std::max_element(delays.begin(), delays.end());
    d_length = static_cast<std::size_t>(std::ceil(longest)) + 2 * lead + 1;
    const auto half_width = static_cast<double>(lead);
    for (const double delay : delays)
        for (std::size_t m = 0; m < d_length; ++m)
            d_kernels.push_back(static_cast<float>(windowed_sinc(
                static_cast<double>(m) - static_cast<double>(lead) - delay, half_width)));
    d_re.resize(d_length);
    d_im.resize(d_length);
    d_tail.resize(d_length - 1 - lead);
    d_in_re.resize(chunk);
    d_in_im.resize(chunk);
    d_out_re.resize(chunk + d_length - 1);
    d_out_im.resize(chunk + d_length - 1);
}

void tdl_filter::set_taps(const std::complex<float>* taps) noexcept
{
    std::fill(d_re.begin(), d_re.end(), 0.0f);
    std::fill(d_im.begin(), d_im.end(), 0.0f);
    for (std::size_t l = 0; l < d_n_delays; ++l)
        for (std::size_t m = 0; m < d_length; ++m) {
            d_re[m] += taps[l].real() * d_kernels[l * d_length + m];
            d_im[m] += taps[l].imag() * d_kernels[l * d_length + m];
        }
}

// Convolve one chunk into d_out; element 0 stands d_lead samples before the chunk's
// first.
void tdl_filter::convolve(const std::complex<float>* in, std::size_t n) noexcept
{
    for (std::size_t i = 0; i < n; ++i) {
        d_in_re[i] = in[i].real();
        d_in_im[i] = in[i].imag();
    }
    std::fill_n(d_out_re.begin(), n + d_length - 1, 0.0f);
    std::fill_n(d_out_im.begin(), n + d_length - 1, 0.0f);
    for (std::size_t m = 0; m < d_length; ++m) {
        const float re = d_re[m], im = d_im[m];
        const float *x = d_in_re.data(), *y = d_in_im.data();
        float *u = d_out_re.data() + m, *v = d_out_im.data() + m;
        for (std::size_t i = 0; i < n; ++i) {
            u[i] += re * x[i] - im * y[i];
            v[i] += re * y[i] + im * x[i];
        }
    }
}

void tdl_filter::filter(const std::complex<float>* in,
                        std::size_t n,
                        std::complex<float>* out) noexcept
{
    // What earlier calls smeared into this one, and into those after it.
    const std::size_t taken = std::min(n, d_tail.size());
    std::copy_n(d_tail.begin(), taken, out);
    std::fill(out + taken, out + n, std::complex<float>());
    std::move(d_tail.begin() + static_cast<std::ptrdiff_t>(taken),
              d_tail.end(),
              d_tail.begin());
    std::fill(d_tail.end() - static_cast<std::ptrdiff_t>(taken),
              d_tail.end(),
              std::complex<float>());

    for (std::size_t from = 0; from < n; from += chunk) {
        const std::size_t count = std::min(chunk, n - from);
        convolve(in + from, count);
        for (std::size_t i = 0; i < count + d_length - 1; ++i) {
            if (from + i < d_lead)
                continue; // before this call's first sample, given out already
            const std::size_t at = from + i - d_lead;
            const std::complex<float> value(d_out_re[i], d_out_im[i]);
            if (at < n)
                out[at] += value;
            else
                d_tail[at - n] += value;
        }
    }
}

void tdl_filter::reset() noexcept
{
    std::fill(d_tail.begin(), d_tail.end(), std::complex<float>());
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

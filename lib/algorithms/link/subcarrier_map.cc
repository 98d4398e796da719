/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/link/subcarrier_map.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

// k_i in integers: c_i = (2 i + 1 - n) span / (2 n).
int index_of(long i, long n, long span)
{
    const long numerator = (2 * i + 1 - n) * span, denominator = 2 * n;
    if (numerator == 0)
        return 1;
    const long magnitude =
        ((numerator < 0 ? -numerator : numerator) + denominator - 1) / denominator;
    return static_cast<int>(numerator < 0 ? -magnitude : magnitude);
}

} // namespace

subcarrier_map::subcarrier_map(std::size_t n_subcarriers,
                               std::size_t span,
                               std::size_t fft_length)
    : d_span(span), d_fft_length(fft_length)
{
    if (fft_length > 1u << 20 || span >= fft_length || span % 2 != 0)
        throw std::invalid_argument("subcarrier_map: span is " + std::to_string(span) +
                                    ", expected an even number below the FFT length " +
                                    std::to_string(fft_length) +
                                    " (itself at most 1048576)");
    if (n_subcarriers < 1 || n_subcarriers > span)
        throw std::invalid_argument("subcarrier_map: n_subcarriers is " +
                                    std::to_string(n_subcarriers) +
                                    ", expected 1 to the span " + std::to_string(span));
    for (std::size_t i = 0; i < n_subcarriers; ++i) {
        const int k = index_of(static_cast<long>(i),
                               static_cast<long>(n_subcarriers),
                               static_cast<long>(span));
        d_indices.push_back(k);
        d_bins.push_back(k < 0 ? fft_length - static_cast<std::size_t>(-k)
                               : static_cast<std::size_t>(k));
    }
}

std::vector<double> subcarrier_map::offsets(double sample_rate) const
{
    std::vector<double> hz;
    for (const int k : d_indices)
        hz.push_back(k * sample_rate / static_cast<double>(d_fft_length));
    return hz;
}

void subcarrier_map::place(const std::complex<float>* values,
                           std::complex<float>* bins) const noexcept
{
    std::fill_n(bins, d_fft_length, std::complex<float>());
    for (std::size_t i = 0; i < d_bins.size(); ++i)
        bins[d_bins[i]] = values[i];
}

void subcarrier_map::collect(const std::complex<float>* bins,
                             std::complex<float>* values) const noexcept
{
    for (std::size_t i = 0; i < d_bins.size(); ++i)
        values[i] = bins[d_bins[i]];
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

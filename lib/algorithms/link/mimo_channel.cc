/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/link/mimo_channel.h>

#include "algorithms/link/random_source.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr std::size_t sinusoids_per_path = 32;
constexpr double two_pi = 6.283185307179586476925;
constexpr std::uint64_t noise_stream = 0x6e6f697365; // apart from the channels' own

void refuse(const std::string& what, const std::string& found, const char* expected)
{
    throw std::invalid_argument("mimo_channel: " + what + " is " + found + ", expected " +
                                expected);
}

void check_count(const char* what, std::size_t value)
{
    if (value < 1 || value > mimo_channel::max_antennas)
        refuse(what, std::to_string(value), "1 to 256");
}

void check_positive(const char* what, double value)
{
    if (!(value >= 0) || !std::isfinite(value))
        refuse(what, std::to_string(value), "0 or a positive, finite number");
}

void check_correlation(const char* what, double value)
{
    if (!(value >= 0 && value < 1))
        refuse(what, std::to_string(value), "a number from 0 to below 1");
}

const mimo_settings& checked(const mimo_settings& settings)
{
    check_count("receive_antennas", settings.receive_antennas);
    check_count("users", settings.users);
    if (settings.block_len < 1)
        refuse("block_len", "0", "at least 1");
    check_positive("noise_variance", settings.noise_variance);
    check_positive("doppler", settings.doppler);
    check_correlation("receive_correlation", settings.receive_correlation);
    check_correlation("transmit_correlation", settings.transmit_correlation);
    return settings;
}

// The Cholesky factor of r^|i-j|: column 0 is r^i, the others sqrt(1 - r^2) r^(i-j).
std::vector<float> correlation_root(double r, std::size_t n)
{
    std::vector<float> root;
    if (r == 0)
        return root;
    root.resize(n * n);
    for (std::size_t i = 0; i < n; i++)
        for (std::size_t j = 0; j <= i; j++)
            root[i * n + j] = static_cast<float>(std::pow(r, static_cast<double>(i - j)) *
                                                 (j ? std::sqrt(1 - r * r) : 1.0));
    return root;
}

} // namespace

mimo_channel::mimo_channel(const mimo_settings& settings)
    : d_settings(checked(settings)),
      d_matrix(settings.receive_antennas * settings.users),
      d_receive_root(
          correlation_root(settings.receive_correlation, settings.receive_antennas)),
      d_transmit_root(correlation_root(settings.transmit_correlation, settings.users)),
      d_row(std::max(settings.receive_antennas, settings.users)),
      d_random(std::make_unique<random_source>(settings.seed)),
      d_noise(std::make_unique<random_source>(settings.seed ^ noise_stream))
{
    start_sinusoids();
    next_channel();
}

mimo_channel::~mimo_channel() = default;
mimo_channel::mimo_channel(mimo_channel&&) noexcept = default;
mimo_channel& mimo_channel::operator=(mimo_channel&&) noexcept = default;

void mimo_channel::set_noise_variance(double noise_variance)
{
    check_positive("noise_variance", noise_variance);
    d_settings.noise_variance = noise_variance;
}

void mimo_channel::start_sinusoids()
{
    if (d_settings.fading != mimo_fading::jakes)
        return;
    const auto random_phase = [&] { return two_pi * (d_random->uniform() - 0.5); };
    for (std::size_t path = 0; path < d_matrix.size(); path++)
        for (std::size_t n = 0; n < sinusoids_per_path; n++) {
            const double angle =
                (two_pi * static_cast<double>(n) + random_phase()) / sinusoids_per_path;
            d_sinusoids.push_back({std::cos(angle), random_phase()});
        }
}

void mimo_channel::draw() noexcept
{
    const auto per_axis =
        static_cast<float>(std::sqrt(0.5 / static_cast<double>(d_settings.users)));
    for (auto& one : d_matrix)
        one = per_axis * d_random->gaussian();
}

void mimo_channel::draw_sinusoids() noexcept
{
    const double scale =
        1 / std::sqrt(static_cast<double>(sinusoids_per_path * d_settings.users));
    const double turn = two_pi * d_settings.doppler;
    sinusoid* s = d_sinusoids.data();
    for (auto& one : d_matrix) {
        std::complex<double> sum = 0.0;
        for (std::size_t n = 0; n < sinusoids_per_path; n++, s++) {
            sum += std::complex<double>(std::cos(s->phase), std::sin(s->phase));
            s->phase = std::remainder(s->phase + turn * s->cosine, two_pi);
        }
        one = std::complex<float>(scale * sum);
    }
}

// H = L_r G L_t^T in place: the last row and column first, since each needs those before it.
void mimo_channel::correlate() noexcept
{
    const std::size_t m = d_settings.receive_antennas, k = d_settings.users;
    if (!d_receive_root.empty())
        for (std::size_t i = m; i-- > 0;) {
            std::fill_n(d_row.begin(), k, 0.0f);
            for (std::size_t l = 0; l <= i; l++)
                for (std::size_t j = 0; j < k; j++)
                    d_row[j] += d_receive_root[i * m + l] * d_matrix[l * k + j];
            std::copy_n(d_row.begin(), k, d_matrix.begin() + i * k);
        }
    if (!d_transmit_root.empty())
        for (std::size_t i = 0; i < m; i++)
            for (std::size_t j = k; j-- > 0;) {
                std::complex<float> sum = 0;
                for (std::size_t l = 0; l <= j; l++)
                    sum += d_transmit_root[j * k + l] * d_matrix[i * k + l];
                d_matrix[i * k + j] = sum;
            }
}

void mimo_channel::next_channel() noexcept
{
    if (d_settings.fading == mimo_fading::jakes)
        draw_sinusoids();
    else
        draw();
    correlate();
}

void mimo_channel::apply(const std::complex<float>* x,
                         std::size_t n_blocks,
                         std::complex<float>* y,
                         std::complex<float>* h) noexcept
{
    const std::size_t m = d_settings.receive_antennas, k = d_settings.users;
    const auto per_axis = static_cast<float>(std::sqrt(0.5 * d_settings.noise_variance));
    for (std::size_t block = 0; block < n_blocks; block++, next_channel()) {
        if (h)
            h = std::copy(d_matrix.begin(), d_matrix.end(), h);
        for (std::size_t v = 0; v < d_settings.block_len; v++, x += k)
            for (std::size_t i = 0; i < m; i++) {
                const std::complex<float>* row = d_matrix.data() + i * k;
                float re = 0, im = 0; // std::complex's product would look for NaN by a call
                for (std::size_t j = 0; j < k; j++) {
                    re += row[j].real() * x[j].real() - row[j].imag() * x[j].imag();
                    im += row[j].real() * x[j].imag() + row[j].imag() * x[j].real();
                }
                *y = {re, im};
                if (per_axis > 0)
                    *y += per_axis * d_noise->gaussian();
                y++;
            }
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

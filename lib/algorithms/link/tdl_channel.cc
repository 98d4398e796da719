/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/link/subcarrier_map.h>
#include <gnuradio/fewbit/algorithms/link/tdl_channel.h>

#include "algorithms/link/random_source.h"
#include "algorithms/link/tdl_filter.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr std::size_t sinusoids_per_tap = 32;
constexpr double line_of_sight_doppler = 0.7; // of the largest, TR 38.901, 7.7.2
constexpr double two_pi = 6.283185307179586476925;
constexpr double longest_filter = 16384; // samples

tdl_settings checked(tdl_settings settings)
{
    if (!(settings.sample_rate > 0.0 && std::isfinite(settings.sample_rate)))
        throw std::invalid_argument("tdl_channel: sample_rate is " +
                                    std::to_string(settings.sample_rate) +
                                    ", expected a positive number of samples a second");
    if (!(settings.max_doppler >= 0.0 && std::isfinite(settings.max_doppler)))
        throw std::invalid_argument("tdl_channel: max_doppler is " +
                                    std::to_string(settings.max_doppler) +
                                    " Hz, expected 0 or more");
    if (settings.offsets.empty())
        settings.offsets = subcarrier_map().offsets(settings.sample_rate);
    for (const double f : settings.offsets)
        if (!std::isfinite(f))
            throw std::invalid_argument(
                "tdl_channel: offsets has a value that is not finite, expected Hz");
    return settings;
}

std::vector<double> in_samples(const std::vector<double>& delays, double sample_rate)
{
    std::vector<double> samples;
    for (const double delay : delays)
        samples.push_back(delay * sample_rate);
    const double longest = *std::max_element(samples.begin(), samples.end());
    if (longest > longest_filter)
        throw std::invalid_argument("tdl_channel: the profile is " +
                                    std::to_string(longest) +
                                    " samples long, expected at most 16384; lower "
                                    "rms_delay_spread or sample_rate");
    return samples;
}

} // namespace

tdl_channel::tdl_channel(const tdl_settings& settings)
    : d_settings(checked(settings)),
      d_profile(tdl_profile(settings.profile, settings.rms_delay_spread)),
      d_taps(d_profile.size()),
      d_response(d_settings.offsets.size()),
      d_sum_re(d_settings.offsets.size()),
      d_sum_im(d_settings.offsets.size()),
      d_random(std::make_unique<random_source>(settings.seed))
{
    for (const auto& tap : d_profile)
        d_delays.push_back(tap.delay);
    d_filter = std::make_unique<tdl_filter>(in_samples(d_delays, d_settings.sample_rate),
                                            filter_lead);
    for (const double delay : d_delays)
        for (const double f : d_settings.offsets) {
            const double angle = -two_pi * f * delay;
            d_rotation_re.push_back(static_cast<float>(std::cos(angle)));
            d_rotation_im.push_back(static_cast<float>(std::sin(angle)));
        }
    start_sinusoids();
    step(0.0);
}

tdl_channel::~tdl_channel() = default;

void tdl_channel::start_sinusoids()
{
    if (d_settings.fading != tdl_fading::jakes)
        return;
    const auto random_phase = [&] { return two_pi * (d_random->uniform() - 0.5); };
    for (const auto& tap : d_profile) {
        if (tap.line_of_sight) {
            d_sinusoids.push_back({line_of_sight_doppler, random_phase()});
            continue;
        }
        for (std::size_t n = 0; n < sinusoids_per_tap; ++n) {
            const double angle =
                (two_pi * static_cast<double>(n) + random_phase()) / sinusoids_per_tap;
            d_sinusoids.push_back({std::cos(angle), random_phase()});
        }
    }
}

void tdl_channel::step(double interval) noexcept
{
    if (d_settings.fading == tdl_fading::block) {
        draw_block();
    } else {
        const double turn =
            std::isfinite(interval) ? two_pi * d_settings.max_doppler * interval : 0.0;
        for (auto& s : d_sinusoids)
            s.phase = std::remainder(s.phase + turn * s.cosine, two_pi);
        draw_sinusoids();
    }
    finish_step();
}

void tdl_channel::set_max_doppler(double hertz) noexcept
{
    d_settings.max_doppler = std::isfinite(hertz) ? std::max(hertz, 0.0) : 0.0;
}

void tdl_channel::draw_block() noexcept
{
    for (std::size_t l = 0; l < d_profile.size(); ++l) {
        if (d_profile[l].line_of_sight) {
            const double phase = two_pi * d_random->uniform();
            d_taps[l] =
                std::complex<float>(std::polar(std::sqrt(d_profile[l].power), phase));
        } else {
            const auto deviation =
                static_cast<float>(std::sqrt(0.5 * d_profile[l].power));
            d_taps[l] = deviation * d_random->gaussian();
        }
    }
}

void tdl_channel::draw_sinusoids() noexcept
{
    const sinusoid* s = d_sinusoids.data();
    for (std::size_t l = 0; l < d_profile.size(); ++l) {
        const std::size_t count = d_profile[l].line_of_sight ? 1 : sinusoids_per_tap;
        std::complex<double> sum = 0.0;
        for (std::size_t n = 0; n < count; ++n, ++s)
            sum += std::complex<double>(std::cos(s->phase), std::sin(s->phase));
        const double scale = std::sqrt(d_profile[l].power / static_cast<double>(count));
        d_taps[l] = std::complex<float>(scale * sum);
    }
}

// The response, then the normalisation of both the response and the taps.
void tdl_channel::finish_step() noexcept
{
    const std::size_t n = d_response.size();
    std::fill(d_sum_re.begin(), d_sum_re.end(), 0.0f);
    std::fill(d_sum_im.begin(), d_sum_im.end(), 0.0f);
    for (std::size_t l = 0; l < d_taps.size(); ++l) {
        const float re = d_taps[l].real(), im = d_taps[l].imag();
        const float* c = d_rotation_re.data() + l * n;
        const float* s = d_rotation_im.data() + l * n;
        for (std::size_t i = 0; i < n; ++i) {
            d_sum_re[i] += re * c[i] - im * s[i];
            d_sum_im[i] += re * s[i] + im * c[i];
        }
    }
    float scale = 1.0f;
    if (d_settings.normalise) {
        double power = 0.0;
        for (std::size_t i = 0; i < n; ++i)
            power += d_sum_re[i] * d_sum_re[i] + d_sum_im[i] * d_sum_im[i];
        power /= static_cast<double>(n);
        if (power > 1e-20)
            scale = static_cast<float>(1.0 / std::sqrt(power));
        for (auto& tap : d_taps)
            tap *= scale;
    }
    for (std::size_t i = 0; i < n; ++i)
        d_response[i] = {scale * d_sum_re[i], scale * d_sum_im[i]};
    d_filter->set_taps(d_taps.data());
}

void tdl_channel::frequency_response(const double* offsets,
                                     std::size_t n,
                                     std::complex<float>* response) const noexcept
{
    for (std::size_t i = 0; i < n; ++i) {
        std::complex<double> sum = 0.0;
        for (std::size_t l = 0; l < d_taps.size(); ++l)
            sum += std::complex<double>(d_taps[l]) *
                   std::polar(1.0, -two_pi * offsets[i] * d_delays[l]);
        response[i] = std::complex<float>(sum);
    }
}

void tdl_channel::draw(std::size_t n,
                       double interval,
                       std::complex<float>* responses) noexcept
{
    for (std::size_t i = 0; i < n; ++i) {
        responses = std::copy(d_response.begin(), d_response.end(), responses);
        step(interval);
    }
}

void tdl_channel::filter(const std::complex<float>* in,
                         std::size_t n,
                         std::complex<float>* out) noexcept
{
    d_filter->filter(in, n, out);
}

void tdl_channel::reset_filter() noexcept { d_filter->reset(); }

} // namespace algorithms
} // namespace fewbit
} // namespace gr

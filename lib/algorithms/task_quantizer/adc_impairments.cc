/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/adc_impairments.h>

#include "algorithms/link/random_source.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

float deviation(const char* what, double value)
{
    if (!(value >= 0) || !std::isfinite(static_cast<float>(value)))
        throw std::invalid_argument(std::string("adc_impairments: ") + what + " is " +
                                    std::to_string(value) +
                                    ", expected 0 or a positive, finite number");
    return static_cast<float>(value);
}

void check_faults(const char* what, const std::vector<float>& values, std::size_t adcs)
{
    if (values.size() != adcs)
        throw std::invalid_argument(
            std::string("adc_impairments: got ") + std::to_string(values.size()) + " " +
            what + ", expected one for each of the " + std::to_string(adcs) + " ADCs");
    for (const float v : values)
        if (!std::isfinite(v))
            throw std::invalid_argument(std::string("adc_impairments: one of the ") +
                                        what + " is not finite, expected numbers");
}

} // namespace

adc_impairments::adc_impairments(std::size_t adcs,
                                 const adc_impairment_settings& settings)
    : d_offsets(adcs),
      d_gain_errors(adcs),
      d_jitter(deviation("jitter", settings.jitter)),
      d_noise(deviation("noise_deviation", settings.noise_deviation)),
      d_last(adcs),
      d_random(std::make_unique<random_source>(settings.seed))
{
    if (adcs < 1)
        throw std::invalid_argument("adc_impairments: adcs is 0, expected at least 1");
    const float offset = deviation("offset_deviation", settings.offset_deviation);
    const float gain = deviation("gain_deviation", settings.gain_deviation);
    for (float& o : d_offsets)
        o = offset * gaussian();
    for (float& e : d_gain_errors)
        e = gain * gaussian();
}

adc_impairments::~adc_impairments() = default;
adc_impairments::adc_impairments(adc_impairments&&) noexcept = default;
adc_impairments& adc_impairments::operator=(adc_impairments&&) noexcept = default;

void adc_impairments::set_offsets(const std::vector<float>& offsets)
{
    check_faults("offsets", offsets, adcs());
    d_offsets = offsets;
}

void adc_impairments::set_gain_errors(const std::vector<float>& errors)
{
    check_faults("gain errors", errors, adcs());
    d_gain_errors = errors;
}

void adc_impairments::set_jitter(double value) { d_jitter = deviation("jitter", value); }

void adc_impairments::set_noise_deviation(double value)
{
    d_noise = deviation("noise_deviation", value);
}

float adc_impairments::gaussian() noexcept
{
    if (d_has_spare) {
        d_has_spare = false;
        return d_spare;
    }
    const auto pair = d_random->gaussian();
    d_spare = pair.imag();
    d_has_spare = true;
    return pair.real();
}

void adc_impairments::apply(const float* z, std::size_t n_vectors, float* out) noexcept
{
    const std::size_t p = adcs();
    for (std::size_t v = 0; v < n_vectors; v++) {
        for (std::size_t d = 0; d < p; d++) {
            const float in = *z++;
            float seen = in;
            if (d_jitter > 0 && d_has_last) {
                const float change = in - d_last[d], late = d_jitter * gaussian();
                if (std::isfinite(change))
                    seen += late * change;
            }
            seen = (1 + d_gain_errors[d]) * seen - d_offsets[d];
            if (d_noise > 0)
                seen += d_noise * gaussian();
            d_last[d] = in;
            *out++ = seen;
        }
        d_has_last = true;
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

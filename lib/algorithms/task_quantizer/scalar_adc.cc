/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/scalar_adc.h>

#include "algorithms/task_quantizer/adc_design.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

void check_levels(const std::vector<unsigned>& levels)
{
    if (levels.empty() || levels.size() > scalar_adc::max_adcs)
        throw std::invalid_argument("scalar_adc: got " + std::to_string(levels.size()) +
                                    " ADCs, expected 1 to " +
                                    std::to_string(scalar_adc::max_adcs));
    for (const unsigned m : levels)
        if (m < 2 || m > scalar_adc::max_levels)
            throw std::invalid_argument("scalar_adc: an ADC has " + std::to_string(m) +
                                        " levels, expected 2 to " +
                                        std::to_string(scalar_adc::max_levels));
}

void check_size(const char* what, std::size_t found, std::size_t expected)
{
    if (found != expected)
        throw std::invalid_argument("scalar_adc: got " + std::to_string(found) + " " +
                                    what + ", expected " + std::to_string(expected) +
                                    " for these ADCs");
}

void check_ascending(std::size_t adc, const float* t, std::size_t n)
{
    for (std::size_t i = 0; i < n; i++) {
        if (!std::isfinite(t[i]))
            throw std::invalid_argument("scalar_adc: threshold " + std::to_string(i) +
                                        " of ADC " + std::to_string(adc) +
                                        " is not finite, expected a number");
        if (i > 0 && t[i] < t[i - 1])
            throw std::invalid_argument(
                "scalar_adc: threshold " + std::to_string(i) + " of ADC " +
                std::to_string(adc) + " is " + std::to_string(t[i]) +
                ", expected no less than the one before it, " + std::to_string(t[i - 1]));
    }
}

// The middles of the cells; the outer cells mirror their neighbours' at the last threshold.
void append_middles(const float* t, std::size_t n, std::vector<float>& values)
{
    const auto middle = [](float a, float b) { return a + 0.5f * (b - a); };
    const float below = n > 1 ? t[0] - 0.5f * (t[1] - t[0]) : t[0] - 1.0f;
    const float above = n > 1 ? t[n - 1] + 0.5f * (t[n - 1] - t[n - 2]) : t[0] + 1.0f;
    values.push_back(below);
    for (std::size_t i = 1; i < n; i++)
        values.push_back(middle(t[i - 1], t[i]));
    values.push_back(above);
}

} // namespace

scalar_adc::scalar_adc(std::vector<unsigned> levels,
                       std::vector<float> thresholds,
                       std::vector<float> values)
{
    check_levels(levels);
    const auto made = std::make_shared<design>();
    std::size_t total = 0;
    for (const unsigned m : levels) {
        made->first.push_back(total);
        total += m;
    }
    check_size("thresholds", thresholds.size(), total - levels.size());
    made->levels = std::move(levels);
    made->thresholds = std::move(thresholds);
    const bool middles = values.empty();
    for (std::size_t d = 0; d < made->levels.size(); d++) {
        check_ascending(d, made->thresholds_of(d), made->levels[d] - 1);
        if (middles)
            append_middles(made->thresholds_of(d), made->levels[d] - 1, values);
    }
    check_size("level values", values.size(), total);
    if (!std::all_of(
            values.begin(), values.end(), [](float v) { return std::isfinite(v); }))
        throw std::invalid_argument(
            "scalar_adc: a level value is not finite, expected numbers");
    made->values = std::move(values);
    made->codes = kernels::adc_codes(made->levels, made->thresholds.data());
    d_design = made;
}

scalar_adc::~scalar_adc() = default;
scalar_adc::scalar_adc(const scalar_adc&) = default;
scalar_adc::scalar_adc(scalar_adc&&) noexcept = default;
scalar_adc& scalar_adc::operator=(const scalar_adc&) = default;
scalar_adc& scalar_adc::operator=(scalar_adc&&) noexcept = default;

scalar_adc scalar_adc::uniform(const std::vector<unsigned>& levels, double support)
{
    check_levels(levels);
    if (!(support > 0) || !std::isfinite(support))
        throw std::invalid_argument("scalar_adc: support is " + std::to_string(support) +
                                    ", expected a positive, finite number");
    std::vector<float> thresholds, values;
    for (const unsigned m : levels) {
        for (unsigned i = 1; i < m; i++)
            thresholds.push_back(static_cast<float>(-support + 2 * support * i / m));
        for (unsigned c = 0; c < m; c++)
            values.push_back(static_cast<float>(-support + support * (2 * c + 1) / m));
    }
    return scalar_adc(levels, std::move(thresholds), std::move(values));
}

std::size_t scalar_adc::adcs() const noexcept { return d_design->levels.size(); }
const std::vector<unsigned>& scalar_adc::levels() const noexcept
{
    return d_design->levels;
}
const std::vector<float>& scalar_adc::thresholds() const noexcept
{
    return d_design->thresholds;
}
const std::vector<float>& scalar_adc::values() const noexcept { return d_design->values; }
std::size_t scalar_adc::first_code(std::size_t d) const noexcept
{
    return d_design->first[d];
}
const float* scalar_adc::thresholds_of(std::size_t d) const noexcept
{
    return d_design->thresholds_of(d);
}
std::size_t scalar_adc::total_levels() const noexcept { return d_design->values.size(); }

void scalar_adc::quantize(const float* z,
                          std::size_t n_vectors,
                          std::uint8_t* codes) const noexcept
{
    d_design->codes.find(z, n_vectors, codes);
}

void scalar_adc::lookup(const std::uint8_t* codes,
                        std::size_t n_vectors,
                        float* q) const noexcept
{
    const std::size_t p = adcs();
    for (std::size_t v = 0; v < n_vectors; v++)
        for (std::size_t d = 0; d < p; d++) {
            const unsigned code = std::min<unsigned>(*codes++, d_design->levels[d] - 1);
            *q++ = d_design->values[d_design->first[d] + code];
        }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

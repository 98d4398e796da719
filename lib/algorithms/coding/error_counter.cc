/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/coding/error_counter.h>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

void check(double errors, double trials, double confidence)
{
    if (!(errors >= 0.0 && errors <= trials && std::isfinite(trials)))
        throw std::invalid_argument("interval of " + std::to_string(errors) +
                                    " errors in " + std::to_string(trials) +
                                    " trials; expected 0 <= errors <= trials");
    if (!(confidence > 0.0 && confidence < 1.0))
        throw std::invalid_argument("the confidence is " + std::to_string(confidence) +
                                    "; expected a number between 0 and 1, such as 0.95");
}

double ratio(double errors, double trials)
{
    return trials > 0.0 ? errors / trials : std::numeric_limits<double>::quiet_NaN();
}

} // namespace

rate_estimate wilson_interval(double errors, double trials, double confidence)
{
    check(errors, trials, confidence);
    rate_estimate estimate;
    estimate.rate = ratio(errors, trials);
    if (trials == 0.0)
        return estimate;
    const double z = std::sqrt(2.0) * boost::math::erf_inv(confidence);
    const double z2_n = z * z / trials;
    const double p = estimate.rate;
    const double middle = (p + z2_n / 2.0) / (1.0 + z2_n);
    const double reach =
        std::sqrt(p * (1.0 - p) * z2_n + z2_n * z2_n / 4.0) / (1.0 + z2_n);
    // The ends are exact where there is no error or nothing else, which rounding would
    // blur.
    estimate.low = errors == 0.0 ? 0.0 : std::max(0.0, middle - reach);
    estimate.high = errors == trials ? 1.0 : std::min(1.0, middle + reach);
    return estimate;
}

rate_estimate
clopper_pearson_interval(std::uint64_t errors, std::uint64_t trials, double confidence)
{
    const auto k = static_cast<double>(errors), n = static_cast<double>(trials);
    check(k, n, confidence);
    rate_estimate estimate;
    estimate.rate = ratio(k, n);
    const double tail = (1.0 - confidence) / 2.0;
    if (errors > 0)
        estimate.low = boost::math::ibeta_inv(k, n - k + 1.0, tail);
    if (errors < trials)
        estimate.high = boost::math::ibetac_inv(k + 1.0, n - k, tail);
    return estimate;
}

void error_counter::add(std::uint64_t bit_errors, std::uint64_t bits, bool block_error)
{
    add(block_error);
    bit_errors = std::min(bit_errors, bits);
    ++d_blocks_with_bits;
    d_blocks_with_bit_errors += bit_errors > 0;
    d_bits += bits;
    d_bit_errors += bit_errors;
    d_sum_of_squares += static_cast<double>(bit_errors) * static_cast<double>(bit_errors);
}

void error_counter::add(bool block_error)
{
    ++d_blocks;
    d_block_errors += block_error;
}

rate_estimate error_counter::bler(double confidence) const
{
    return clopper_pearson_interval(d_block_errors, d_blocks, confidence);
}

rate_estimate error_counter::ber(double confidence) const
{
    const auto errors = static_cast<double>(d_bit_errors);
    const auto bits = static_cast<double>(d_bits);
    if (d_bits == 0)
        return wilson_interval(0.0, 0.0, confidence);
    const double d = design_effect();
    return wilson_interval(errors / d, bits / d, confidence);
}

double error_counter::design_effect() const
{
    const auto blocks = static_cast<double>(d_blocks_with_bits);
    const double block_bits = static_cast<double>(d_bits) / blocks;
    if (d_blocks_with_bit_errors < 2)
        return block_bits;
    const double mean = static_cast<double>(d_bit_errors) / blocks;
    const double variance = (d_sum_of_squares - blocks * mean * mean) / (blocks - 1.0);
    const double binomial = mean * (1.0 - mean / block_bits);
    if (binomial <= 0.0) // every bit is wrong
        return block_bits;
    return std::clamp(variance / binomial, 1.0, std::max(1.0, block_bits));
}

bool stop_rule::is_met(const error_counter& counter, double confidence) const
{
    if (min_errors > 0 && counter.block_errors() >= min_errors)
        return true;
    if (max_blocks > 0 && counter.blocks() >= max_blocks)
        return true;
    if (relative_width <= 0.0 || counter.block_errors() == 0)
        return false;
    const rate_estimate bler = counter.bler(confidence);
    return bler.high - bler.low <= relative_width * bler.rate;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

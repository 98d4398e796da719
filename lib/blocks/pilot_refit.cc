/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/pilot_refit.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {

using algorithms::affine_refit;
using algorithms::digital_kind;
using algorithms::digital_map;
using algorithms::gaussian_refit;
using algorithms::level_refit;
using algorithms::logistic_refit;
using algorithms::lookup_refit;
using algorithms::refit_status;

namespace {

constexpr std::size_t ring = 256;           // pilots whose errors are reported
constexpr std::size_t least_capacity = 512; // pilots that a logistic fit keeps
constexpr std::size_t most_capacity = 1u << 16;

unsigned bits_that_differ(std::uint8_t a, std::uint8_t b)
{
    unsigned count = 0;
    for (unsigned differ = a ^ b; differ != 0; differ &= differ - 1)
        ++count;
    return count;
}

} // namespace

refit_mode refit_mode_named(const std::string& name)
{
    if (name == "off")
        return refit_mode::off;
    if (name == "on")
        return refit_mode::on;
    if (name == "levels")
        return refit_mode::levels;
    if (name == "counts")
        return refit_mode::counts;
    if (name == "logistic")
        return refit_mode::logistic;
    throw std::invalid_argument(
        "digital_detector: refit is '" + name +
        "', expected 'off', 'on', 'levels', 'counts' or 'logistic'");
}

void check_refit_mode(refit_mode mode, const digital_map& map)
{
    const bool of_lookup = mode == refit_mode::counts || mode == refit_mode::logistic;
    if (map.kind() == digital_kind::lookup && mode == refit_mode::levels)
        throw std::invalid_argument(
            "digital_detector: refit is 'levels' and the map a lookup, expected 'off', "
            "'on', 'counts' or 'logistic'");
    if (map.kind() == digital_kind::affine && of_lookup)
        throw std::invalid_argument(
            std::string("digital_detector: refit is '") +
            (mode == refit_mode::counts ? "counts" : "logistic") +
            "' and the map affine, expected 'off', 'on' or 'levels'");
}

pilot_refit::pilot_refit(const digital_map& map, const refit_settings& how)
    : d_adcs(map.adcs()),
      d_outputs(map.outputs()),
      d_detects(map.classes() > 0),
      d_numbers(map.outputs()),
      d_codes(ring * map.adcs()),
      d_gains(ring),
      d_sent(d_detects ? 0 : ring * map.outputs()),
      d_classes(d_detects ? ring : 0),
      d_estimate(map.outputs())
{
    if (map.kind() == digital_kind::affine)
        learn_affine(map, how);
    else if (map.kind() == digital_kind::lookup)
        learn_lookup(map, how);
}

void pilot_refit::learn_affine(const digital_map& map, const refit_settings& how)
{
    algorithms::level_refit_settings settings;
    settings.forgetting = how.forgetting;
    settings.ridge = how.ridge;
    if (how.mode == refit_mode::on)
        d_least = d_fit.emplace<affine_refit>(map, settings).features();
    else if (how.mode == refit_mode::levels && map.powers() == 1 &&
             map.level_values().size() <= level_refit::max_levels)
        d_least = d_fit.emplace<level_refit>(map, settings).features();
}

void pilot_refit::learn_lookup(const digital_map& map, const refit_settings& how)
{
    d_least = map.classes();
    if (how.mode == refit_mode::on) {
        algorithms::gaussian_refit_settings settings;
        settings.forgetting = how.forgetting;
        d_fit.emplace<gaussian_refit>(map, settings);
    } else if (how.mode == refit_mode::counts) {
        algorithms::lookup_refit_settings settings;
        settings.forgetting = how.forgetting;
        d_fit.emplace<lookup_refit>(map, settings);
    } else if (how.mode == refit_mode::logistic) {
        algorithms::logistic_refit_settings settings;
        settings.capacity = std::clamp(how.pilots, least_capacity, most_capacity);
        d_fit.emplace<logistic_refit>(map, settings);
    }
}

// Reads the pilot into d_numbers (estimation) or d_class (detection).
bool pilot_refit::read(const pmt::pmt_t& sent) noexcept
{
    std::size_t n = 0;
    if (pmt::is_f32vector(sent)) {
        const float* values = pmt::f32vector_elements(sent, n);
        // A symbol of 0 is no symbol: most likely the values are bits.
        const auto tells = [this](float v) {
            return std::isfinite(v) && !(d_detects && v == 0.0f);
        };
        if (n != d_outputs || !std::all_of(values, values + n, tells))
            return false;
        d_class = 0;
        std::copy(values, values + n, d_numbers.begin());
        for (std::size_t i = 0; d_detects && i < n; ++i)
            d_class = static_cast<std::uint8_t>(d_class | (values[i] < 0.0f) << i);
        return true;
    }
    if (!d_detects || !pmt::is_u8vector(sent))
        return false;
    const std::uint8_t* bits = pmt::u8vector_elements(sent, n);
    if (n != d_outputs)
        return false;
    d_class = 0;
    for (std::size_t i = 0; i < n; ++i)
        d_class = static_cast<std::uint8_t>(d_class | (bits[i] & 1) << i);
    return std::all_of(bits, bits + n, [](std::uint8_t bit) { return bit <= 1; });
}

bool pilot_refit::add(const std::uint8_t* codes,
                      float gain,
                      const pmt::pmt_t& sent) noexcept
{
    if (!read(sent))
        return false;
    std::visit(
        [&](auto& fit) {
            using kind = std::decay_t<decltype(fit)>;
            if constexpr (std::is_same_v<kind, affine_refit> ||
                          std::is_same_v<kind, level_refit>)
                fit.add(codes, &gain, d_numbers.data(), 1);
            else if constexpr (!std::is_same_v<kind, no_refit>)
                fit.add(codes, &d_class, 1);
        },
        d_fit);
    std::copy(codes, codes + d_adcs, d_codes.begin() + d_next * d_adcs);
    d_gains[d_next] = gain;
    if (d_detects)
        d_classes[d_next] = d_class;
    else
        std::copy(
            d_numbers.begin(), d_numbers.end(), d_sent.begin() + d_next * d_outputs);
    d_next = (d_next + 1) % ring;
    d_kept = std::min(d_kept + 1, ring);
    ++d_waiting;
    return true;
}

std::uint64_t pilot_refit::pilots() const noexcept
{
    return std::visit(
        [](const auto& fit) -> std::uint64_t {
            if constexpr (std::is_same_v<std::decay_t<decltype(fit)>, no_refit>)
                return 0;
            else
                return fit.pilots();
        },
        d_fit);
}

double pilot_refit::error_of(const digital_map& map) noexcept
{
    double sum = 0.0;
    for (std::size_t i = 0; i < d_kept; ++i) {
        const std::uint8_t* codes = d_codes.data() + i * d_adcs;
        if (d_detects) {
            std::uint8_t decided;
            map.classes(codes, 1, &decided);
            sum += bits_that_differ(decided, d_classes[i]);
            continue;
        }
        map.estimate(codes, &d_gains[i], 1, d_estimate.data());
        for (std::size_t j = 0; j < d_outputs; ++j) {
            const double error = d_estimate[j] - d_sent[i * d_outputs + j];
            sum += error * error;
        }
    }
    return d_kept > 0 ? sum / static_cast<double>(d_kept * d_outputs) : 0.0;
}

refit_status pilot_refit::refit(digital_map& map, errors& seen) noexcept
{
    d_waiting = 0;
    if (std::holds_alternative<no_refit>(d_fit))
        return refit_status::another_map;
    if (pilots() < d_least)
        return refit_status::too_few_pilots;
    seen.before = error_of(map);
    const refit_status status = std::visit(
        [&map](auto& fit) {
            if constexpr (std::is_same_v<std::decay_t<decltype(fit)>, no_refit>)
                return refit_status::another_map;
            else
                return fit.solve(map);
        },
        d_fit);
    seen.after = error_of(map);
    return status;
}

} // namespace fewbit
} // namespace gr

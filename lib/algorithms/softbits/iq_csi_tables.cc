/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "iq_csi_tables.h"

#include "codec_id.h"
#include "gray_pam.h"
#include "integer_cdf.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

// Symbols with less gain say next to nothing about their bits.
constexpr double erased_below_db = -10.0;
// A half distance of this many standard deviations is as good as no noise.
constexpr double enough_deviations = 4.5;
// Cells reach this many standard deviations beyond the outermost amplitude.
constexpr double reach = 3.5;
constexpr double reach_of_fixed_length = 2.5;
constexpr unsigned fixed_csi_levels = 16;

double to_db(double ratio) { return 10.0 * std::log10(ratio); }
double to_ratio(double db) { return std::pow(10.0, db / 10.0); }

const iq_csi_settings& checked(const iq_csi_settings& s)
{
    const auto refuse = [](const std::string& what) {
        throw std::invalid_argument("iq_csi_codec: " + what);
    };
    if (s.bits_per_symbol != 4 && s.bits_per_symbol != 6 && s.bits_per_symbol != 8)
        refuse("bits_per_symbol is " + std::to_string(s.bits_per_symbol) +
               ", expected 4, 6 or 8");
    if (!s.fixed_length && !(s.step >= 0.1 && s.step <= 4.0))
        refuse("step is " + std::to_string(s.step) +
               " standard deviations, expected .1 to 4");
    if (!(s.csi_step_db >= 0.25 && s.csi_step_db <= 6.0))
        refuse("csi_step_db is " + std::to_string(s.csi_step_db) +
               " dB, expected .25 to 6");
    return s;
}

double highest_db(unsigned bits)
{
    const double d = gray_pam_half_distance(bits);
    return to_db(enough_deviations * enough_deviations / (2.0 * d * d));
}

// Level 1 is the lowest that is not erased.
unsigned count_levels(const iq_csi_settings& s)
{
    if (s.fixed_length)
        return fixed_csi_levels;
    const double range = highest_db(s.bits_per_symbol / 2) - erased_below_db;
    return 1 + static_cast<unsigned>(std::ceil(range / s.csi_step_db));
}

std::vector<std::int32_t> even_cdf(unsigned symbols)
{
    return integer_cdf(std::vector<double>(symbols, 1.0));
}

// P(x > t) of a standard normal x
double normal_tail(double t) { return 0.5 * std::erfc(t * std::sqrt(0.5)); }

// P(from < x <= to), exact in both tails
double normal_between(double from, double to)
{
    if (from > 0.0)
        return normal_tail(from) - normal_tail(to);
    if (to < 0.0)
        return normal_tail(-to) - normal_tail(-from);
    return 1.0 - normal_tail(to) - normal_tail(-from);
}

} // namespace

iq_csi_tables::iq_csi_tables(const iq_csi_settings& settings)
    : d_bits(checked(settings).bits_per_symbol / 2),
      d_csi_step_db(settings.csi_step_db),
      d_changes(count_levels(settings) - 1, settings.csi_step_db),
      d_first_level_cdf(even_cdf(count_levels(settings))),
      d_correlation_cdf(even_cdf(csi_model::correlations))
{
    const unsigned levels = count_levels(settings);
    d_lowest_db = highest_db(d_bits) - (levels - 2) * d_csi_step_db;
    d_levels.push_back({});
    d_cdfs = {0, 65536};
    d_llrs.assign(d_bits, 0.0f);
    for (unsigned csi = 1; csi < levels; csi++)
        add_level(settings, d_lowest_db + (csi - 1) * d_csi_step_db);
    d_id = hash(settings);
}

void iq_csi_tables::add_level(const iq_csi_settings& settings, double gain_to_noise_db)
{
    const double deviation = std::sqrt(0.5 / to_ratio(gain_to_noise_db));
    const double outermost = ((1 << d_bits) - 1) * gray_pam_half_distance(d_bits);
    level added;
    if (settings.fixed_length) {
        added.cells = 1u << (d_bits + 2);
        const double width = 2.0 * (outermost + reach_of_fixed_length * deviation);
        added.cells_per_unit = static_cast<float>(added.cells / width);
    } else {
        const double side = std::ceil((outermost / deviation + reach) / settings.step);
        added.cells = 2 * static_cast<unsigned>(side) + 1;
        added.cells_per_unit = static_cast<float>(1.0 / (settings.step * deviation));
    }
    added.first_cdf = d_cdfs.size();
    added.first_llr = d_llrs.size();
    d_levels.push_back(added);
    add_cells(added, gain_to_noise_db, settings.csi_step_db);
}

// The gain is somewhere in its step: three points of Gauss's rule stand for it.
void iq_csi_tables::add_cells(const level& added,
                              double gain_to_noise_db,
                              double csi_step_db)
{
    constexpr double node[3] = {-0.3872983346207417, 0.0, 0.3872983346207417};
    constexpr double node_weight[3] = {5.0 / 18.0, 8.0 / 18.0, 5.0 / 18.0};
    const double half_distance = gray_pam_half_distance(d_bits);
    const unsigned amplitudes = 1u << d_bits;
    const double infinite = std::numeric_limits<double>::infinity();

    std::vector<double> probabilities(added.cells);
    for (unsigned c = 0; c < added.cells; c++) {
        const double middle = 0.5 * added.cells;
        const double lower = c == 0 ? -infinite : (c - middle) / added.cells_per_unit;
        const double upper =
            c + 1 == added.cells ? infinite : (c + 1 - middle) / added.cells_per_unit;
        double of_amplitude[16] = {};
        for (int t = 0; t < 3; t++) {
            const double per_unit =
                std::sqrt(2.0 * to_ratio(gain_to_noise_db + node[t] * csi_step_db));
            for (unsigned m = 0; m < amplitudes; m++) {
                const double a = half_distance * gray_pam_amplitude(m, d_bits);
                of_amplitude[m] +=
                    node_weight[t] *
                    normal_between((lower - a) * per_unit, (upper - a) * per_unit);
            }
        }
        for (unsigned m = 0; m < amplitudes; m++)
            probabilities[c] += of_amplitude[m] / amplitudes;
        for (unsigned b = 0; b < d_bits; b++) {
            double sums[2] = {1e-250, 1e-250};
            for (unsigned m = 0; m < amplitudes; m++)
                sums[(m >> (d_bits - 1 - b)) & 1u] += of_amplitude[m];
            d_llrs.push_back(static_cast<float>(std::log(sums[1] / sums[0])));
        }
    }
    const auto cdf = integer_cdf(probabilities);
    d_cdfs.insert(d_cdfs.end(), cdf.begin(), cdf.end());
}

std::uint32_t iq_csi_tables::hash(const iq_csi_settings& settings) const
{
    std::uint32_t id = codec_id("iq-csi," + std::to_string(d_bits) +
                                (settings.fixed_length ? ",fixed" : ",coded"));
    // The places of the cells, rounded to what every machine computes alike.
    for (const level& l : d_levels) {
        const auto place =
            static_cast<std::int64_t>(std::llround(l.cells_per_unit * 1e3));
        id = codec_id(&l.cells, sizeof(l.cells), id);
        id = codec_id(&place, sizeof(place), id);
    }
    const auto add = [&id](const std::vector<std::int32_t>& cdf) {
        id = codec_id(cdf.data(), cdf.size() * sizeof(cdf[0]), id);
    };
    if (!settings.fixed_length) {
        add(d_cdfs);
        add(d_changes.cdfs());
    }
    return id;
}

unsigned iq_csi_tables::csi_level(float gain_to_noise) const noexcept
{
    if (!(gain_to_noise > 0.0f))
        return 0;
    const float db = 10.0f * std::log10(gain_to_noise);
    const float steps =
        (db - static_cast<float>(d_lowest_db)) / static_cast<float>(d_csi_step_db);
    const float highest = static_cast<float>(d_levels.size() - 1);
    return static_cast<unsigned>(std::max(0.0f, std::min(highest, steps + 1.5f)));
}

unsigned iq_csi_tables::cell(unsigned csi, float amplitude) const noexcept
{
    const level& l = d_levels[csi];
    const float known = amplitude == amplitude ? amplitude : 0.0f;
    const float place = known * l.cells_per_unit + 0.5f * static_cast<float>(l.cells);
    return static_cast<unsigned>(
        std::max(0.0f, std::min(static_cast<float>(l.cells - 1), place)));
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

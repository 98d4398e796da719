/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/link/tdl_profile.h>

#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

struct row {
    double delay;
    double decibels;
};

struct table {
    const char* name;
    double unit;        // of the delays, in seconds; 0: the rms delay spread
    bool line_of_sight; // the first row is one
    std::vector<row> rows;
};

const std::vector<table>& tables()
{
    // clang-format off
    static const std::vector<table> all = {
        { "EPA", 1e-9, false,
          { { 0, 0 }, { 30, -1 }, { 70, -2 }, { 90, -3 }, { 110, -8 }, { 190, -17.2 },
            { 410, -20.8 } } },
        { "EVA", 1e-9, false,
          { { 0, 0 }, { 30, -1.5 }, { 150, -1.4 }, { 310, -3.6 }, { 370, -0.6 }, { 710, -9.1 },
            { 1090, -7 }, { 1730, -12 }, { 2510, -16.9 } } },
        { "ETU", 1e-9, false,
          { { 0, -1 }, { 50, -1 }, { 120, -1 }, { 200, 0 }, { 230, 0 }, { 500, 0 },
            { 1600, -3 }, { 2300, -5 }, { 5000, -7 } } },
        { "TDL-A", 0, false,
          { { 0, -13.4 }, { 0.3819, 0 }, { 0.4025, -2.2 }, { 0.5868, -4 }, { 0.4610, -6 },
            { 0.5375, -8.2 }, { 0.6708, -9.9 }, { 0.5750, -10.5 }, { 0.7618, -7.5 },
            { 1.5375, -15.9 }, { 1.8978, -6.6 }, { 2.2242, -16.7 }, { 2.1718, -12.4 },
            { 2.4942, -15.2 }, { 2.5119, -10.8 }, { 3.0582, -11.3 }, { 4.0810, -12.7 },
            { 4.4579, -16.2 }, { 4.5695, -18.3 }, { 4.7966, -18.9 }, { 5.0066, -16.6 },
            { 5.3043, -19.9 }, { 9.6586, -29.7 } } },
        { "TDL-B", 0, false,
          { { 0, 0 }, { 0.1072, -2.2 }, { 0.2155, -4 }, { 0.2095, -3.2 }, { 0.2870, -9.8 },
            { 0.2986, -1.2 }, { 0.3752, -3.4 }, { 0.5055, -5.2 }, { 0.3681, -7.6 },
            { 0.3697, -3 }, { 0.5700, -8.9 }, { 0.5283, -9 }, { 1.1021, -4.8 },
            { 1.2756, -5.7 }, { 1.5474, -7.5 }, { 1.7842, -1.9 }, { 2.0169, -7.6 },
            { 2.8294, -12.2 }, { 3.0219, -9.8 }, { 3.6187, -11.4 }, { 4.1067, -14.9 },
            { 4.2790, -9.2 }, { 4.7834, -11.3 } } },
        { "TDL-C", 0, false,
          { { 0, -4.4 }, { 0.2099, -1.2 }, { 0.2219, -3.5 }, { 0.2329, -5.2 }, { 0.2176, -2.5 },
            { 0.6366, 0 }, { 0.6448, -2.2 }, { 0.6560, -3.9 }, { 0.6584, -7.4 },
            { 0.7935, -7.1 }, { 0.8213, -10.7 }, { 0.9336, -11.1 }, { 1.2285, -5.1 },
            { 1.3083, -6.8 }, { 2.1704, -8.7 }, { 2.7105, -13.2 }, { 4.2589, -13.9 },
            { 4.6003, -13.9 }, { 5.4902, -15.8 }, { 5.6077, -17.1 }, { 6.3065, -16 },
            { 6.6374, -15.7 }, { 7.0427, -21.6 }, { 8.6523, -22.8 } } },
        { "TDL-D", 0, true,
          { { 0, -0.2 }, { 0, -13.5 }, { 0.035, -18.8 }, { 0.612, -21 }, { 1.363, -22.8 },
            { 1.405, -17.9 }, { 1.804, -20.1 }, { 2.596, -21.9 }, { 1.775, -22.9 },
            { 4.042, -27.8 }, { 7.937, -23.6 }, { 9.424, -24.8 }, { 9.708, -30.0 },
            { 12.525, -27.7 } } },
        { "TDL-E", 0, true,
          { { 0, -0.03 }, { 0, -22.03 }, { 0.5133, -15.8 }, { 0.5440, -18.1 },
            { 0.5630, -19.8 }, { 0.5440, -22.9 }, { 0.7112, -22.4 }, { 1.9092, -18.6 },
            { 1.9293, -20.8 }, { 1.9589, -22.6 }, { 2.6426, -22.3 }, { 3.7136, -25.6 },
            { 5.4524, -20.2 }, { 12.0034, -29.8 }, { 20.6519, -29.2 } } },
        { "rayleigh", 1, false, { { 0, 0 } } },
        { "awgn", 1, true, { { 0, 0 } } },
    };
    // clang-format on
    return all;
}

std::string names_in_a_row()
{
    std::string text;
    for (const auto& one : tables())
        text += (text.empty() ? "" : ", ") + std::string(one.name);
    return text;
}

} // namespace

std::vector<tdl_tap> tdl_profile(const std::string& name, double rms_delay_spread)
{
    if (!(rms_delay_spread > 0.0 && std::isfinite(rms_delay_spread)))
        throw std::invalid_argument("tdl_profile: rms_delay_spread is " +
                                    std::to_string(rms_delay_spread) +
                                    " s, expected a positive number of seconds");
    for (const auto& one : tables()) {
        if (name != one.name)
            continue;
        const double unit = one.unit > 0.0 ? one.unit : rms_delay_spread;
        std::vector<tdl_tap> taps;
        double total = 0.0;
        for (const auto& r : one.rows) {
            const double power = std::pow(10.0, r.decibels / 10.0);
            taps.push_back({r.delay * unit, power, one.line_of_sight && taps.empty()});
            total += power;
        }
        for (auto& tap : taps)
            tap.power /= total;
        return taps;
    }
    throw std::invalid_argument("tdl_profile: there is no profile '" + name +
                                "', expected one of " + names_in_a_row());
}

std::vector<std::string> tdl_profile_names()
{
    std::vector<std::string> names;
    for (const auto& one : tables())
        names.emplace_back(one.name);
    return names;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

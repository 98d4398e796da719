/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/pilot_weights.h"

#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

scalar_adc adc_of_codes(const digital_map& map)
{
    std::vector<float> thresholds;
    for (const unsigned m : map.levels())
        for (unsigned i = 1; i < m; i++)
            thresholds.push_back(static_cast<float>(i));
    return scalar_adc(map.levels(), thresholds, map.level_values());
}

} // namespace

scalar_adc adc_of_affine(const std::string& who, const digital_map& map)
{
    if (map.kind() != digital_kind::affine)
        throw std::invalid_argument(
            who + ": the digital map is a lookup or a network, expected an affine map");
    return adc_of_codes(map);
}

scalar_adc adc_of_lookup(const std::string& who, const digital_map& map)
{
    if (map.kind() != digital_kind::lookup)
        throw std::invalid_argument(
            who + ": the digital map is affine or a network, expected a lookup");
    return adc_of_codes(map);
}

void check_pilot_settings(const std::string& who,
                          double forgetting,
                          const std::string& prior_name,
                          double prior,
                          bool positive)
{
    if (!(forgetting > 0 && forgetting <= 1))
        throw std::invalid_argument(who + ": forgetting is " +
                                    std::to_string(forgetting) +
                                    ", expected more than 0 and at most 1");
    if (!(positive ? prior > 0 : prior >= 0) || !std::isfinite(prior))
        throw std::invalid_argument(
            who + ": " + prior_name + " is " + std::to_string(prior) + ", expected " +
            (positive ? "a positive, finite number" : "0 or a positive, finite number"));
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

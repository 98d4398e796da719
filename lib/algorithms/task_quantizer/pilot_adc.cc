/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/pilot_adc.h"

#include <stdexcept>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

scalar_adc adc_of_codes(const digital_map& map)
{
    std::vector<float> thresholds;
    for (const unsigned m : map.levels())
        for (unsigned i = 1; i < m; i++)
            thresholds.push_back(static_cast<float>(i));
    return scalar_adc(map.levels(), thresholds, map.level_values());
}

scalar_adc adc_of_lookup(const std::string& who, const digital_map& map)
{
    if (map.kind() != digital_kind::lookup)
        throw std::invalid_argument(
            who + ": the digital map is affine or a network, expected a lookup");
    return adc_of_codes(map);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

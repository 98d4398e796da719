/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/threshold_scatter.h>

#include "algorithms/link/random_source.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

scalar_adc threshold_scatter(const scalar_adc& adc, double deviation, std::uint64_t seed)
{
    if (!(deviation >= 0.0 && std::isfinite(deviation)))
        throw std::invalid_argument("threshold_scatter: the deviation is " +
                                    std::to_string(deviation) + ", expected 0 or more");
    random_source random(seed);
    std::vector<float> thresholds = adc.thresholds();
    for (float& threshold : thresholds)
        threshold += static_cast<float>(deviation) * random.gaussian().real();
    auto first = thresholds.begin();
    for (const unsigned levels : adc.levels()) {
        const auto last = first + (levels - 1);
        std::sort(first, last);
        first = last;
    }
    return scalar_adc(adc.levels(), thresholds, adc.values());
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

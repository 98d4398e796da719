/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_ADC_DESIGN_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_ADC_DESIGN_H

#include "kernels/adc_codes.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/scalar_adc.h>
#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! What copies of a scalar_adc share: never changed after construction.
struct scalar_adc::design {
    std::vector<unsigned> levels;   // M_d
    std::vector<float> thresholds;  // ADC 0's, then ADC 1's, ...
    std::vector<float> values;      // likewise
    std::vector<std::size_t> first; // of each ADC in values; in thresholds: less d
    kernels::adc_codes codes;

    const float* thresholds_of(std::size_t d) const noexcept
    {
        return thresholds.data() + first[d] - d;
    }
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_ADC_DESIGN_H */

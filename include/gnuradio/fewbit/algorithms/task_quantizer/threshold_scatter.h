/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_THRESHOLD_SCATTER_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_THRESHOLD_SCATTER_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/scalar_adc.h>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace algorithms {

/*! \brief ADCs whose every threshold has moved by N(0, deviation^2), each on its own.
 *
 * Thresholds that overtook one another are sorted again, as comparators that are counted
 * are. Levels stay. A seed gives the same draws, whatever the deviation.
 * \throws std::invalid_argument for a deviation that is negative or not finite
 */
FEWBIT_ALGORITHMS_API scalar_adc threshold_scatter(const scalar_adc& adc,
                                                   double deviation,
                                                   std::uint64_t seed);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_THRESHOLD_SCATTER_H */

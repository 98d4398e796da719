/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_GAUSSIAN_SHAPE_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_GAUSSIAN_SHAPE_H

#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*! \brief The ADCs' thresholds that a lookup of cell probabilities was made with, in
 * deviations of the noise and apart from an offset: all that a fit of gains, offset and noise
 * needs to know of them.
 *
 * The normal quantile of P(code <= i | class) is (t_{i+1} - o) / sigma - (B / sigma) . s:
 * least squares over codes and classes separates the two parts. Quantiles count by the normal
 * density there, so that tails that somebody has rounded or smoothed hardly do. A lookup that
 * is not of that shape gives the nearest thresholds that are.
 *
 * \returns sum (M_d - 1) values, ascending within an ADC
 */
std::vector<double> normalised_thresholds(const digital_map& lookup);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_GAUSSIAN_SHAPE_H */

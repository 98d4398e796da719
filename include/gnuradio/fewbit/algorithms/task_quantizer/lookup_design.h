/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_LOOKUP_DESIGN_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_LOOKUP_DESIGN_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/matrix.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/scalar_adc.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/task_quantizer.h>
#include <vector>

// Detectors that follow from the channel x = H s + w, w Gaussian of variance v per real
// input, without training.

namespace gr {
namespace fewbit {
namespace algorithms {

/*! \brief mu = T H s of every class [2^k][p]; bit i of the class gives s_i = 1 - 2 b_i.
 * \param combiner T [p][n]
 * \param channel H [n][k], k at most 8
 * \throws std::invalid_argument for sizes that do not fit, values that are not finite
 */
FEWBIT_ALGORITHMS_API matrix class_means(const matrix& combiner, const matrix& channel);

/*! \brief The noise deviation at each ADC, sqrt(v) |row of T|.
 * \throws std::invalid_argument unless v is positive and finite and the rows of T are
 * orthogonal (to 1e-6 of their lengths) and not zero: otherwise the ADCs' noise is not
 * independent, and no product of cells describes it
 */
FEWBIT_ALGORITHMS_API std::vector<double> noise_deviations(const matrix& combiner,
                                                           double noise_variance);

/*! \brief log P(code | class) of Gaussian ADC inputs, a table for digital_map::lookup()
 *
 *     log [Phi((t_{c+1} - mu_d) / sigma_d) - Phi((t_c - mu_d) / sigma_d)],
 *
 * t_0 = -infinity, t_M = infinity, worked out in the log domain, so that cells in the tails
 * are as exact as those in the middle. Cells of no width have -1e6, and nothing is less.
 *
 * \param means mu [2^k][p]
 * \param deviations sigma [p], positive
 * \returns [sum M_d][2^k]
 */
FEWBIT_ALGORITHMS_API std::vector<float>
cell_log_likelihoods(const matrix& means,
                     const std::vector<double>& deviations,
                     const scalar_adc& adc);

/*! \brief The hybrid without a network: combiner T, given ADCs, exact MAP over their cells.
 *
 * \param combiner T [p][n], orthogonal rows
 * \param adc p ADCs
 * \param channel H [n][k]
 * \param noise_variance v per real input
 * \param complex_inputs how the vectors come, see task_quantizer
 * \throws std::invalid_argument in one sentence, as the functions above
 */
FEWBIT_ALGORITHMS_API task_quantizer lookup_design(const matrix& combiner,
                                                   const scalar_adc& adc,
                                                   const matrix& channel,
                                                   double noise_variance,
                                                   bool complex_inputs = false);

/*! \brief Quantized MAP: no combiner, uniform ADCs of \p levels levels on [-support,
 * support] at every antenna, exact MAP over their cells. The same refusals.
 */
FEWBIT_ALGORITHMS_API task_quantizer quantized_map(const matrix& channel,
                                                   double noise_variance,
                                                   unsigned levels,
                                                   double support = 2.0,
                                                   bool complex_inputs = false);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_LOOKUP_DESIGN_H */

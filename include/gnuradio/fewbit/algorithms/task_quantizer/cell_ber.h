/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_CELL_BER_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_CELL_BER_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/matrix.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/scalar_adc.h>
#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! Cells that cell_ber() adds up at most: 64^4 four times over.
constexpr std::size_t cell_ber_max_cells = std::size_t{1} << 26;

/*! \brief The exact bit error rate of MAP decisions, bit by bit, on quantized Gaussian ADC
 * inputs:
 *
 *     BER = (1/k) sum_b sum_c min(P(b = 0, c), P(b = 1, c)),
 *     P(c | class) = prod_d [Phi((t_{c_d+1} - mu_d) / sigma_d)
 *                            - Phi((t_{c_d} - mu_d) / sigma_d)],
 *
 * all classes equally likely. The sum runs over all prod M_d cells in float64; its time is
 * proportional to that and to 2^k: 64^4 cells and 16 classes take a fraction of a second.
 *
 * The decisions of digital_map are those of the most probable class; where that differs from
 * the most probable bits, they make a few errors more.
 *
 * \param means mu [2^k][p]
 * \param deviations sigma [p]
 * \throws std::invalid_argument for sizes that do not fit, deviations that are not positive
 * and finite, or more than cell_ber_max_cells cells
 */
FEWBIT_ALGORITHMS_API double cell_ber(const matrix& means,
                                      const std::vector<double>& deviations,
                                      const scalar_adc& adc);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_CELL_BER_H */

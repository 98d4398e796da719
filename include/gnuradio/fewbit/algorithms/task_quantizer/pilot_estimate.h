/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_PILOT_ESTIMATE_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_PILOT_ESTIMATE_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/matrix.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/refit_status.h>
#include <cstddef>

namespace gr {
namespace fewbit {
namespace algorithms {

//! A channel that was estimated from pilots.
struct FEWBIT_ALGORITHMS_API channel_estimate {
    refit_status status = refit_status::too_few_pilots;
    matrix channel;            //!< H [n][k]; empty unless the status is ok
    double noise_variance = 0; //!< v per real input, unbiased
    std::size_t pilots = 0;    //!< those that were used: all finite
};

/*! \brief Least squares on x = H s + w: H = (sum x s^T)(sum s s^T)^-1, and from the residuals
 *
 *     v = sum |x - H s|^2 / (n (N - k)),
 *
 * for lookup_design() from pilots. Pilots with a value that is not finite are left out.
 * Status: too_few_pilots below k + 1 of them, singular when they do not tell the users
 * apart.
 *
 * \param x received [N][n]
 * \param s sent [N][k]
 * \throws std::invalid_argument for n or k of 0 or above 1024
 */
FEWBIT_ALGORITHMS_API channel_estimate pilot_estimate(const float* x,
                                                      const float* s,
                                                      std::size_t n_pilots,
                                                      std::size_t n,
                                                      std::size_t k);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_PILOT_ESTIMATE_H */

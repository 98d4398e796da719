/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_ROTATION_SEARCH_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_ROTATION_SEARCH_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/matrix.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/scalar_adc.h>
#include <cstddef>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace algorithms {

//! What rotation_search() may spend.
struct FEWBIT_ALGORITHMS_API rotation_settings {
    std::size_t adcs = 4;        //!< p
    unsigned levels = 8;         //!< M of each ADC
    unsigned starts = 64;        //!< random rotations to start from
    unsigned evaluations = 1500; //!< of the bit error rate, from each of the best starts
    std::size_t search_cells =
        65536; //!< with more cells than this, rotations are searched
               //!< with fewer levels and only the support with all
    std::uint64_t seed = 1;
};

//! What rotation_search() found.
struct FEWBIT_ALGORITHMS_API rotation_design {
    matrix combiner; //!< T [p][n], orthonormal rows
    double support;  //!< of all ADCs
    scalar_adc adc;  //!< uniform on [-support, support]
    double ber;      //!< exact, see cell_ber()
};

/*!
 * \brief A combiner and a common ADC support that minimise the exact bit error rate.
 *
 * T = first p rows of R U^T, U the q = max(p, min(k, n)) first left singular vectors of the
 * channel H (completed to an orthonormal set beyond its rank), R a q x q rotation, a product
 * of q (q - 1) / 2 Givens rotations. With p = k nothing is lost by U^T: it keeps all of x
 * that depends on the symbols. The angles and the support are found by Nelder and Mead's
 * simplex search on log BER from several random starts: a good minimum, not certainly the
 * best.
 *
 * \param channel H [n][k], k at most 8
 * \param noise_variance v per real input
 * \throws std::invalid_argument in one sentence for sizes out of range (p from 1 to n,
 * levels 2 to 256, levels^p at most cell_ber_max_cells), values that are not finite, or a
 * noise variance that is not positive
 */
FEWBIT_ALGORITHMS_API rotation_design
rotation_search(const matrix& channel,
                double noise_variance,
                const rotation_settings& settings = {});

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_ROTATION_SEARCH_H */

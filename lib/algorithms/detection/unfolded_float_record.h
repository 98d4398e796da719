/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_FLOAT_RECORD_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_FLOAT_RECORD_H

#include "algorithms/detection/unfolded_model.h"
#include "kernels/channel_solver.h"
#include "kernels/unfolded_float.h"
#include <cstddef>

namespace gr {
namespace fewbit {
namespace algorithms {

//! The largest code of so many bits, 2^(bits - 1) - 1; of none 0.
inline int largest_code(int bits) { return bits ? (1 << (bits - 1)) - 1 : 0; }

//! A lane's channel, solved.
struct float_channel {
    const kernels::channel_solver::planes& matrix; //!< P is this \p times
    const kernels::channel_solver::planes& filter;
    const float* errors; //!< [users][16]; e_i is \p noise_variance times them
    std::size_t lane;
    float times, noise_variance;
    int matrix_bits, filter_bits; //!< 0: as they are
};

//! As a record of float32, its matrices rounded to multiples of a step where they have bits.
void pack_unfolded_float(const kernels::unfolded_float_plan& plan,
                         const float_channel& of,
                         const unfolded_scalars& scalars,
                         float* to) noexcept;

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_FLOAT_RECORD_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_LLRS_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_LLRS_H

#include "algorithms/detection/unfolded_failures.h"
#include "algorithms/detection/unfolded_model.h"
#include "kernels/mixture_llrs.h"
#include <array>
#include <cstddef>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief LLRs of an unfolded detector's outputs, in either form that a bundle may have: one
 * Gaussian and a share of doubt, or two Gaussians by the errors that the output foresees
 * (docs/unfolded_detector.md, LLRs). Nothing allocates once it is made.
 */
class unfolded_llrs
{
public:
    explicit unfolded_llrs(const unfolded_model& model);

    /*! \brief LLRs of one vector.
     *
     * \param o the last layer's outputs, [2 users], in the real model's units
     * \param errors e_i of its channel, [users]
     * \param terms of its channel
     * \param llrs receives [users][bits]: clipped to +-64; 0 where an output is not finite
     */
    void find(const float* o,
              const float* errors,
              const unfolded_output_terms& terms,
              float* llrs) noexcept;

private:
    unfolded_failures d_failures;
    unsigned d_axis_bits;
    std::array<float, 16> d_levels{}; // by the axis' bits
    kernels::mixture_llrs_memory d_memory;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_LLRS_H */

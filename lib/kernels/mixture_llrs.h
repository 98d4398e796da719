/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_MIXTURE_LLRS_H
#define INCLUDED_FEWBIT_KERNELS_MIXTURE_LLRS_H

#include "kernels/aligned_vector.h"
#include <cstddef>

namespace gr {
namespace fewbit {
namespace kernels {

/*!
 * \brief A vector's outputs and their LLRs, a row each, aligned and of whole vectors.
 *
 * Rows have room for aligned_stride(users) values. What lies beyond the users takes part and is
 * of no account: the outputs there must be levels, the errors finite.
 */
struct mixture_llrs_memory {
    mixture_llrs_memory(std::size_t users_, unsigned bits_per_symbol)
        : users(users_),
          stride(aligned_stride(users)),
          outputs(2 * stride, 1.0f),
          errors(stride, 0.0f),
          llrs(bits_per_symbol * stride)
    {
    }
    std::size_t users, stride;
    aligned_vector<float> outputs; //!< [I, Q][stride], levels are odd integers
    aligned_vector<float> errors;  //!< [stride], e_i
    aligned_vector<float> llrs; //!< result: [bits of a symbol][stride], I and Q in turn
};

//! One axis of a square Gray constellation.
struct mixture_llrs_axis {
    unsigned bits;       //!< 1 to 4
    const float* levels; //!< [2^bits] odd integers, by the axis' bits, first bit highest
};

/*! \brief How an output lies about the level that was sent.
 *
 *   v_i = max(slope e_i + constant, 1e-12), at most 1e30
 *   p_i(l) = exp(-(o - l)^2 / (2 v_i)) + exp(log_weight - (o - l)^2 / (2 v_i (1 + kappa)))
 *   LLR = log((P1 + share) / (P0 + share)),  P1 = sum_{l: b = 1} p_i(l) / sum_l p_i(l)
 */
struct mixture_llrs_law {
    float slope, constant;
    bool wide;        //!< whether there is the second Gaussian
    float log_weight; //!< -30 to 30
    float kappa;      //!< e^-30 to e^30
    float share;      //!< at least 0
};

/*! \brief sum_i 1 / (1 + exp(2 m_i / v_i)) of a vector, m_i = |o_i - t| for the nearest threshold
 * t: how likely the second nearest level is by the narrow Gaussian. 1/2 where o_i is not finite.
 *
 * \param bits of one axis
 */
float foreseen_errors(unsigned bits,
                      const mixture_llrs_law& law,
                      const mixture_llrs_memory& memory) noexcept;

/*! \brief LLRs of a vector, clipped to +-64; 0 where an output is not finite.
 *
 * |o| beyond 1e15 is taken for 1e15. Between two levels the exponents are those of the next level
 * plus differences, so that nothing of an LLR within +-64 is lost to underflow or to a large o.
 */
void mixture_llrs(const mixture_llrs_axis& axis,
                  const mixture_llrs_law& law,
                  mixture_llrs_memory& memory) noexcept;

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_MIXTURE_LLRS_H */

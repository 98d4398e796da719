/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_QAM_LLRS_H
#define INCLUDED_FEWBIT_KERNELS_QAM_LLRS_H

#include <cstddef>

namespace gr {
namespace fewbit {
namespace kernels {

//! Symbols that one call demaps at most; a multiple of the lanes of every instruction set
//! here.
constexpr std::size_t qam_llrs_chunk = 64;

//! One axis of a square Gray constellation.
struct qam_llrs_axis {
    unsigned bits;       //!< 1 to 4
    bool exact;          //!< log-sum-exp, else its largest term
    float limit;         //!< LLRs are clipped to +-limit, at most 64
    const float* levels; //!< [2^bits], by the axis' bits, first bit highest
};

//! What goes in and out, whole vectors of it.
struct qam_llrs_memory {
    alignas(64) float y[2 * qam_llrs_chunk]; //!< received symbols, I and Q in turn
    alignas(64) float h[2 * qam_llrs_chunk]; //!< gains
    alignas(64) float noise[qam_llrs_chunk]; //!< noise variances
    alignas(
        64) float llrs[2][4][qam_llrs_chunk]; //!< result: [I, Q][bit of the axis][symbol]
};

/*! \brief LLRs of up to qam_llrs_chunk symbols; the maths is in
 * algorithms/link/soft_demapper.h.
 *
 * Everything in \p memory up to the chunk's end must be set (to 0, the noise to 1, beyond
 * n).
 * \returns how many of the \p n symbols were erased for not being finite
 */
std::size_t
qam_llrs(const qam_llrs_axis& axis, qam_llrs_memory& memory, std::size_t n) noexcept;

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_QAM_LLRS_H */

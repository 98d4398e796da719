/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_UNFOLDED_FLOAT_H
#define INCLUDED_FEWBIT_KERNELS_UNFOLDED_FLOAT_H

#include "aligned_vector.h"
#include "unfolded_int8.h"
#include <complex>
#include <cstddef>

namespace gr {
namespace fewbit {
namespace kernels {

/*!
 * \brief An unfolded detector in float32: its shape and where a channel's record holds what.
 *
 * docs/unfolded_detector.md, "The networks", has the equations and, under "quantized", where
 * values are rounded. Matrices lie column by column, so that a row's sum grows in its own lane.
 */
struct unfolded_float_plan {
    std::size_t inputs = 0;  //!< R, real
    std::size_t outputs = 0; //!< N, real
    std::size_t layers = 0;  //!< K
    std::size_t denoisers = 0;
    bool pgd = false;
    bool apart = false; //!< the matrix' diagonal multiplies what is not rounded
    unfolded_denoiser denoiser = unfolded_denoiser::staircase;
    int levels = 4;
    float input_limit = 0;      //!< 2^(bits - 1) - 1; 0: y is not rounded
    float activation_limit = 0; //!< the same of what the matrix multiplies

    // set by lay_out(); offsets in floats
    std::size_t padded = 0;
    std::size_t filter = 0;   // [inputs][padded]
    std::size_t matrix = 0;   // [outputs][padded]
    std::size_t diagonal = 0; // [padded], where it is apart
    std::size_t widths = 0;   // [denoisers][padded]
    std::size_t steps = 0;    // [denoisers]
    std::size_t etas = 0;     // [layers], pgd
    std::size_t gains = 0;    // [3][denoisers], admm: alpha, beta, kappa
    std::size_t errors = 0;   // e_i [users]
    std::size_t floats = 0;

    void lay_out() noexcept;
    static constexpr std::size_t max_values = unfolded_int8_plan::max_values;
};

//! o [n][padded], aligned; y [n][inputs / 2] times \p scale first.
void run_unfolded_float(const unfolded_float_plan& plan,
                        const float* const* records,
                        std::size_t n,
                        const std::complex<float>* y,
                        float scale,
                        float* o) noexcept;

/*! \brief x_v = F_v y_v for real forms [Re; Im], F column by column: [inputs][padded].
 *
 * \param filters where each vector's F begins
 * \param x [n][padded], aligned; padded is a multiple of 16
 */
void filter_vectors(const float* const* filters,
                    std::size_t n,
                    std::size_t inputs,
                    std::size_t padded,
                    const std::complex<float>* y,
                    float* x) noexcept;

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_UNFOLDED_FLOAT_H */

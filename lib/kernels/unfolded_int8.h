/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_UNFOLDED_INT8_H
#define INCLUDED_FEWBIT_KERNELS_UNFOLDED_INT8_H

#include "channel_solver.h"
#include <complex>
#include <cstddef>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace kernels {

enum class unfolded_denoiser { soft_threshold, clip, posterior_mean, staircase };

/*!
 * \brief An unfolded detector in integers: its shape and where a channel's record holds what.
 *
 * docs/unfolded_detector.md, "int8", has the arithmetic, which every instruction set follows
 * bit for bit: products of int8, and of int16 for the filter, summed in int32, a state of int16
 * that saturates.
 *
 * A record is one prepared channel. Of a matrix [[Re, -Im], [Im, Re]] it has Re and Im alone, in
 * words of four int8, or two int16, columns of a row: [words][Re, Im][rows], so that a register
 * of words meets four, or two, values of the vector, and a row's sum grows in its own lane. What
 * the state meets element by element lies in state order (unfolded_record.h).
 */
struct unfolded_int8_plan {
    std::size_t inputs = 0;  //!< R, real
    std::size_t outputs = 0; //!< N, real
    std::size_t layers = 0;  //!< K
    std::size_t denoisers = 0;
    bool pgd = false;
    bool apart = false; //!< the matrix' diagonal apart, in int16
    unfolded_denoiser denoiser = unfolded_denoiser::staircase;
    int levels = 4; //!< L of one axis
    int fraction_bits = 9;
    int matrix_limit = 127, activation_limit = 127; //!< 2^(bits - 1) - 1
    // A label's bits that come from I and from Q, by the level.
    alignas(16) std::uint8_t i_labels[16] = {};
    alignas(16) std::uint8_t q_labels[16] = {};

    // set by lay_out()
    int filter_limit = 0;         //!< B of the filter
    std::size_t padded = 0;       //!< outputs in state order, up to whole vectors
    std::size_t filter = 0;       // bytes into the record
    std::size_t filter_units = 0; // m^F_i, float [rows]
    std::size_t input_scale = 0;  // 2^e, float
    std::size_t matrix = 0;
    std::size_t matrix_sums =
        0; // what dot products of bytes 128 too large begin with [2][rows]
    std::size_t matrix_scales = 0; // float [rows]
    std::size_t diagonal = 0;      // int16 [padded], where it is apart
    std::size_t gains = 0;         // int16 [denoisers][padded]
    std::size_t layer_scalars = 0; // unfolded_layer [denoisers]
    std::size_t step_scalars = 0;  // unfolded_step [layers], pgd
    std::size_t errors = 0;        // e_i, float [users]
    std::size_t bytes = 0;

    void lay_out() noexcept;
    std::size_t rows() const noexcept
    {
        return padded / 2;
    } //!< complex, up to whole vectors

    static constexpr std::size_t max_values = 256; // of inputs and of outputs
};

//! What a lane's channel is quantised with; the scalars of its noise variance.
struct unfolded_int8_scalars {
    float matrix_scale;         //!< P is this times the matrix given: rho, or 1
    float noise_variance;       //!< sigma^2; e_i is this times the diagonal given
    const float* constant;      //!< [denoisers]
    const float* slope;         //!< [denoisers]
    const float* step;          //!< Delta_k [denoisers]
    const float* eta;           //!< [layers], pgd
    const float* estimate_gain; //!< alpha [denoisers], admm
    const float* dual_gain;     //!< beta
    const float* memory;        //!< kappa
};

//! Quantise \p n <= 16 lanes into records. \p errors [users][16]: what e_i is a multiple of.
void pack_unfolded_int8(const unfolded_int8_plan& plan,
                        const channel_solver::planes& channel,
                        const channel_solver::planes& matrix,
                        const channel_solver::planes& filter,
                        const float* errors,
                        const unfolded_int8_scalars* scalars,
                        std::size_t n,
                        std::uint8_t* const* records,
                        float* scratch) noexcept;
//! Floats of scratch that it needs, aligned.
std::size_t pack_scratch_floats(const unfolded_int8_plan& plan);

/*! \brief Run \p n vectors, each over its record.
 *
 * \param y [n][inputs / 2], multiplied by \p scale first
 * \param o receives the outputs in units of 2^-fraction_bits and state order, [n][padded],
 * aligned; may be null
 * \param labels receives the decisions [n][outputs / 2]; may be null
 */
void run_unfolded_int8(const unfolded_int8_plan& plan,
                       const std::uint8_t* const* records,
                       std::size_t n,
                       const std::complex<float>* y,
                       float scale,
                       std::int16_t* o,
                       std::uint8_t* labels) noexcept;

//! Four products and sums in one instruction, where the processor has it; false for tests.
void use_dot_product_instruction(bool use) noexcept;

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_UNFOLDED_INT8_H */

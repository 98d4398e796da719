/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_MODEL_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_MODEL_H

#include "algorithms/detection/unfolded_failures.h"
#include "algorithms/detection/unfolded_tables.h"
#include "kernels/unfolded_int8.h"
#include <gnuradio/fewbit/algorithms/bundle.h>
#include <cstddef>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! What LLRs need to know of a channel's SNR.
struct unfolded_output_terms {
    float slope = 0, constant = 1, doubt = 0;
    knot_place snr; // in the model's failures
};

//! The scalars of an unfolded detector at one SNR.
struct unfolded_scalars {
    float rho = 1;                                       // admm
    std::vector<float> eta;                              // [layers], pgd
    std::vector<float> constant, slope;                  // [denoisers]
    std::vector<float> step;                             // [denoisers]
    std::vector<float> estimate_gain, dual_gain, memory; // [denoisers], admm
    unfolded_output_terms output;
};

//! A bundle of kind unfolded_detector, checked (docs/architecture.md lists what it holds).
struct unfolded_model {
    //! \throws bundle_error in one sentence
    explicit unfolded_model(const bundle& file);

    //! Scalars at 10 log10 \p snr: interpolated between the knots. No allocation after
    //! sized(); \p snr may be infinite.
    void scalars_at(double snr, unfolded_scalars& s) const noexcept;
    //! Scalars with room for everything.
    unfolded_scalars sized() const;

    enum class arithmetic_kind { float32, quantized, int8 };

    bool pgd;
    std::size_t layers, denoisers, users, antennas;
    unsigned bits_per_symbol;
    kernels::unfolded_denoiser denoiser;
    arithmetic_kind arithmetic;
    int matrix_bits, activation_bits, filter_bits, input_bits, fraction_bits;
    bool apart;
    std::string method;
    unfolded_failures failures;
    //! Of the last knot, 0 with one knot alone: a network knows no less noise than it was
    //! trained with. Its widths would go on shrinking while its other scalars stay, and it would
    //! err more the less noise there is.
    float least_noise_variance = 0;

private:
    void read_tensors(const bundle& file);

    std::vector<float> d_knots;
    std::vector<float> d_rho, d_eta, d_constant, d_slope; // logarithms [knots][..]
    std::vector<float> d_estimate_gain, d_dual_gain, d_memory;
    std::vector<float> d_output_constant, d_output_slope;
    std::vector<float> d_output_doubt;   // empty: none
    std::vector<float> d_alpha, d_gamma; // [denoisers]
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_MODEL_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_LINK_TDL_FILTER_H
#define INCLUDED_FEWBIT_ALGORITHMS_LINK_TDL_FILTER_H

#include <complex>
#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Filters samples with taps at fractional delays.
 *
 * Every delay is a Kaiser-windowed sinc of 2 lead + 1 coefficients around it; all delays
 * together make one impulse response, from `lead` samples before to `lead` samples after
 * the longest. The contract with callers is that of tdl_channel::filter().
 */
class tdl_filter
{
public:
    tdl_filter(const std::vector<double>& delays_in_samples, std::size_t lead);

    //! One complex tap a delay, for the samples of the next filter() on.
    void set_taps(const std::complex<float>* taps) noexcept;

    void filter(const std::complex<float>* in,
                std::size_t n,
                std::complex<float>* out) noexcept;
    void reset() noexcept;

private:
    void convolve(const std::complex<float>* in, std::size_t n) noexcept;

    std::size_t d_lead;
    std::size_t d_length;         // of the impulse response
    std::vector<float> d_kernels; // [delay][length]
    std::size_t d_n_delays;
    std::vector<float> d_re, d_im; // impulse response
    std::vector<std::complex<float>>
        d_tail; // smeared beyond the last call, not yet given out
    std::vector<float> d_in_re, d_in_im, d_out_re, d_out_im; // of one chunk
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_LINK_TDL_FILTER_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_LINK_SOFT_DEMAPPER_H
#define INCLUDED_FEWBIT_ALGORITHMS_LINK_SOFT_DEMAPPER_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <array>
#include <complex>
#include <cstddef>

namespace gr {
namespace fewbit {
namespace algorithms {

//! How the sums over constellation points are taken.
enum class demap_method {
    exact,  //!< log of the sum of exponentials
    max_log //!< its largest term alone: log sum exp(m) ~ max m
};

/*!
 * \brief LLRs of Gray QAM symbols seen through one complex gain each.
 *
 * For y = h s + n, n complex Gaussian of variance v = E|n|^2 (both components together),
 * s one of the points of qam_mapper, all equally likely, the LLR of bit k (positive = bit
 * 1) is
 *
 *   L_k =  log sum_{s: b_k = 1} exp(-|y - h s|^2 / v)
 *        - log sum_{s: b_k = 0} exp(-|y - h s|^2 / v).
 *
 * The points are a product of two axes, so after the rotation by conj(h)/|h| the two axes
 * separate and the sums run over 2^(K/2) levels a: with t = Re(conj(h) y) / (|h| sqrt(v))
 * and g = |h| / sqrt(v) the metric is -(t - g a)^2.
 *
 * LLRs are clipped to +-llr_limit: float32 sums of exponentials carry no more, and an
 * error rate of exp(-64) is none.
 *
 * Special values, for each symbol by itself:
 * - |h|^2 below 1e-30 (0 included): nothing is known, all its LLRs are 0.
 * - y, h or v NaN or infinite, or so large that float products overflow; v negative: all
 * its LLRs are 0, and the symbol is counted in what demap() returns.
 * - v between 0 and 1e-12 (0 included): taken as 1e-12, so that a noise-free link gives
 *   hard decisions of size llr_limit.
 *
 * Immutable after construction: one object serves any number of threads.
 */
class FEWBIT_ALGORITHMS_API soft_demapper
{
public:
    static constexpr float llr_limit = 64.0f;

    /*! \param bits_per_symbol K: 2, 4, 6 or 8
     * \param method exact or max-log
     * \throws std::invalid_argument for any other K
     */
    explicit soft_demapper(unsigned bits_per_symbol,
                           demap_method method = demap_method::exact);

    unsigned bits_per_symbol() const noexcept { return d_bits_per_symbol; }
    demap_method method() const noexcept { return d_method; }

    /*! \brief Demap \p n symbols.
     *
     * \param y received symbols [n]
     * \param h gains [n]
     * \param noise_variance v, one for all symbols
     * \param llrs receives n * K LLRs, the K of a symbol together, first bit first
     * \returns the number of symbols that were erased for not being finite
     */
    std::size_t demap(const std::complex<float>* y,
                      const std::complex<float>* h,
                      float noise_variance,
                      std::size_t n,
                      float* llrs) const noexcept;

    //! The same with a noise variance for each symbol [n].
    std::size_t demap(const std::complex<float>* y,
                      const std::complex<float>* h,
                      const float* noise_variances,
                      std::size_t n,
                      float* llrs) const noexcept;

private:
    unsigned d_bits_per_symbol;
    demap_method d_method;
    std::array<float, 16> d_levels{};
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_LINK_SOFT_DEMAPPER_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_DEMAPPER_INVERSE_H
#define INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_DEMAPPER_INVERSE_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <cstddef>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief The exact soft demapper, backwards: from the K LLRs of a QAM symbol to its
 * equalised I and Q and its gain-to-noise ratio.
 *
 * Write an amplitude of one dimension as o d, with o odd (+-1, +-3, ...) and d half the
 * distance of neighbours, and the gain-to-noise ratio as rho = |h|^2 / E|n|^2. The exact
 * LLR of a bit is
 *
 *     L_b = log sum_{o: b=1} exp(o alpha - o^2 beta) - log sum_{o: b=0} exp(o alpha - o^2
 * beta) alpha = 2 rho d y,   beta = rho d^2
 *
 * with y the dimension's equalised value. So the K LLRs of a symbol depend on three
 * numbers, (alpha_I, alpha_Q, beta). They are found by damped least squares (Levenberg
 * and Marquardt) from a start where every sum has only its largest term and the equations
 * are linear.
 *
 * LLRs that no triple gives (max-log, clipped, added up over retransmissions) are met as
 * nearly as weighted least squares can; the weight 1 / (4 + L^2) has errors of large
 * LLRs, which change nothing in a decoder, count for little. What I or Q lies further
 * than 3.5 standard deviations of its noise beyond the outermost amplitude counts as one
 * more residual, of weight 1: clipped LLRs would otherwise look like a symbol far outside
 * and of next to no gain. One symbol in 2000 or fewer really is there, and is moved a
 * little inwards.
 *
 * A NaN counts as 0, and an LLR beyond +-max_llr as max_llr. Every result is finite.
 */
class FEWBIT_ALGORITHMS_API demapper_inverse
{
public:
    //! LLRs are clipped to this magnitude.
    static constexpr float max_llr = 1000.0f;
    //! Symbols with less than this gain-to-noise ratio are given it (-30 dB).
    static constexpr float min_gain_to_noise = 1e-3f;
    //! And with more than this, this (60 dB).
    static constexpr float max_gain_to_noise = 1e6f;

    /*!
     * \param bits_per_symbol K, 4, 6 or 8: 3GPP Gray QAM (TS 38.211, 5.1) of unit mean
     * energy. With K = 2 the LLRs do not tell the amplitude from the gain.
     * \throws std::invalid_argument for any other K
     */
    explicit demapper_inverse(unsigned bits_per_symbol);

    unsigned bits_per_symbol() const noexcept { return 2 * d_bits; }

    /*! \brief Invert \p n_symbols symbols of K LLRs each, positive for bit 1, first bit
     * first.
     *
     * \param[out] iq equalised I and Q of each symbol, 2 n_symbols values
     * \param[out] gain_to_noise |h|^2 / E|n|^2 of each symbol, a ratio
     */
    void invert(const float* llrs,
                std::size_t n_symbols,
                float* iq,
                float* gain_to_noise) const noexcept;

private:
    unsigned d_bits; // of one dimension
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_DEMAPPER_INVERSE_H */

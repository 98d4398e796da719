/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_LINK_SUBCARRIER_MAP_H
#define INCLUDED_FEWBIT_ALGORITHMS_LINK_SUBCARRIER_MAP_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <complex>
#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Which subcarriers of an OFDM symbol a packet occupies.
 *
 * \p n_subcarriers are spread evenly over the \p span subcarriers around DC, -span/2..-1
 * and 1..span/2; DC itself is never used. Subcarrier i stands at
 *
 *   k_i = sign(c_i) ceil |c_i|,  c_i = (i - (n - 1) / 2) span / n   (0 counts as +1),
 *
 * so that span = n_subcarriers (or n_subcarriers + 1 for an odd count) gives a contiguous
 * band. The default is the packet of docs/architecture.md: 108 of the 600 subcarriers (9
 * MHz) that a 10 MHz carrier of 15 kHz spacing has.
 */
class FEWBIT_ALGORITHMS_API subcarrier_map
{
public:
    /*! \param n_subcarriers subcarriers in use, at least 1
     * \param span subcarriers that they are spread over, even, at least n_subcarriers
     * \param fft_length subcarriers of the OFDM symbol, more than span
     * \throws std::invalid_argument when these do not fit one another
     */
    explicit subcarrier_map(std::size_t n_subcarriers = 108,
                            std::size_t span = 600,
                            std::size_t fft_length = 1024);

    std::size_t n_subcarriers() const noexcept { return d_indices.size(); }
    std::size_t span() const noexcept { return d_span; }
    std::size_t fft_length() const noexcept { return d_fft_length; }

    //! Signed subcarrier numbers, ascending; negative below DC.
    const std::vector<int>& indices() const noexcept { return d_indices; }

    //! Their frequencies in Hz from DC, at a subcarrier spacing of sample_rate /
    //! fft_length.
    std::vector<double> offsets(double sample_rate) const;

    //! Spread [n_subcarriers] values over the bins [fft_length] of a DFT (DC first),
    //! zeros between.
    void place(const std::complex<float>* values,
               std::complex<float>* bins) const noexcept;

    //! Collect [n_subcarriers] values from the bins [fft_length] of a DFT (DC first).
    void collect(const std::complex<float>* bins,
                 std::complex<float>* values) const noexcept;

private:
    std::size_t d_span;
    std::size_t d_fft_length;
    std::vector<int> d_indices;
    std::vector<std::size_t> d_bins;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_LINK_SUBCARRIER_MAP_H */

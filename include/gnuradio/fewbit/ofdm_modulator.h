/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_OFDM_MODULATOR_H
#define INCLUDED_FEWBIT_OFDM_MODULATOR_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/sync_interpolator.h>
#include <cstddef>
#include <memory>

namespace gr {
namespace fewbit {

/*!
 * \brief Turn every frame of symbols into one OFDM symbol with a cyclic prefix.
 * \ingroup fewbit
 *
 * \details
 * Input: items of n_subcarriers complex symbols. Output: fft_length + cyclic_prefix
 * samples an item. The symbols stand evenly over the \p span subcarriers around an unused
 * DC (algorithms::subcarrier_map). The inverse DFT is unitary (1 / sqrt(fft_length)), so
 * that a noise variance is the same in samples and in subcarriers. A tag of an item goes
 * to its first sample.
 */
class FEWBIT_API ofdm_modulator : virtual public gr::sync_interpolator
{
public:
    typedef std::shared_ptr<ofdm_modulator> sptr;

    /*!
     * \param n_subcarriers symbols of an item
     * \param span subcarriers that they are spread over, even
     * \param fft_length subcarriers of the OFDM symbol, more than span
     * \param cyclic_prefix samples, at most fft_length
     * \throws std::invalid_argument when these do not fit one another
     */
    static sptr make(std::size_t n_subcarriers = 108,
                     std::size_t span = 600,
                     std::size_t fft_length = 1024,
                     std::size_t cyclic_prefix = 72);
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_OFDM_MODULATOR_H */

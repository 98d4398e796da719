/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_OFDM_DEMODULATOR_H
#define INCLUDED_FEWBIT_OFDM_DEMODULATOR_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/sync_decimator.h>
#include <cstddef>
#include <memory>

namespace gr {
namespace fewbit {

/*!
 * \brief Turn every OFDM symbol back into a frame of symbols.
 * \ingroup fewbit
 *
 * \details
 * Input: fft_length + cyclic_prefix samples a symbol, in step with ofdm_modulator's.
 * Output: items of n_subcarriers complex values y = H x + n, the noise variance that of
 * the samples. The DFT starts \p window_advance samples inside the cyclic prefix, and the
 * turn of phase that this gives is taken back: the precursor of the channel's fractional
 * delays (8 samples, algorithms::tdl_channel::filter_lead) then stays inside the symbol.
 * A tag of any sample of a symbol goes to its item.
 */
class FEWBIT_API ofdm_demodulator : virtual public gr::sync_decimator
{
public:
    typedef std::shared_ptr<ofdm_demodulator> sptr;

    /*!
     * \param n_subcarriers symbols of an item
     * \param span subcarriers that they are spread over, even
     * \param fft_length subcarriers of the OFDM symbol, more than span
     * \param cyclic_prefix samples, at most fft_length
     * \param window_advance samples, at most cyclic_prefix
     * \throws std::invalid_argument when these do not fit one another
     */
    static sptr make(std::size_t n_subcarriers = 108,
                     std::size_t span = 600,
                     std::size_t fft_length = 1024,
                     std::size_t cyclic_prefix = 72,
                     std::size_t window_advance = 8);
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_OFDM_DEMODULATOR_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TDL_CHANNEL_H
#define INCLUDED_FEWBIT_TDL_CHANNEL_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/block.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace gr {
namespace fewbit {

/*!
 * \brief Send samples through a fading channel and add noise.
 * \ingroup fewbit
 *
 * \details
 * Input: complex samples. Output 0: as many, each block of \p block_length filtered by
 * one channel (algorithms::tdl_channel, no shift in time) plus white Gaussian noise.
 * Output 1, which may stay open: one item of n_subcarriers complex values a block, the
 * channel's response at the subcarriers of algorithms::subcarrier_map; its tag \c
 * noise_variance (double), on the first item and wherever it changed, tells soft_demapper
 * the noise. What a block smears beyond its end is added to the next; a block's precursor
 * (8 samples) does not reach back into the one before, so that a packet never waits for
 * the next one. Samples that do not fill a block wait for the rest.
 *
 * Tags of the input go to the same sample of output 0 and to that output alone. All
 * setters take effect at the next block. Noise has the seed \p seed + 1.
 */
class FEWBIT_API tdl_channel : virtual public gr::block
{
public:
    typedef std::shared_ptr<tdl_channel> sptr;

    /*!
     * \param block_length samples of a block, 1 to 1048576: a packet
     * \param profile EPA, EVA, ETU, TDL-A to TDL-E, rayleigh or awgn
     * (algorithms::tdl_profile)
     * \param noise_variance E|n|^2 of a sample, at least 0: 1 / SNR
     * \param fading "block" (every block an independent channel) or "jakes"
     * \param max_doppler Hz, for jakes
     * \param normalise whether every block has unit mean power over the subcarriers
     * \param sample_rate samples a second
     * \param n_subcarriers, span, fft_length the subcarriers, as in ofdm_modulator
     * \param rms_delay_spread seconds, for TDL-A to TDL-E
     * \param seed repeats channels and noise
     * \throws std::invalid_argument when one of them is not as said
     */
    static sptr make(std::size_t block_length = 1096,
                     const std::string& profile = "EPA",
                     double noise_variance = 0.1,
                     const std::string& fading = "block",
                     double max_doppler = 0.0,
                     bool normalise = true,
                     double sample_rate = 15.36e6,
                     std::size_t n_subcarriers = 108,
                     std::size_t span = 600,
                     std::size_t fft_length = 1024,
                     double rms_delay_spread = 100e-9,
                     std::uint64_t seed = 1);

    //! \throws std::invalid_argument when \p noise_variance is negative or not finite
    virtual void set_noise_variance(double noise_variance) = 0;
    virtual double noise_variance() const = 0;
    //! Set the noise variance to 10^(-snr_db / 10). \throws std::invalid_argument if not
    //! finite
    virtual void set_snr_db(double snr_db) = 0;
    //! \throws std::invalid_argument when \p hertz is negative or not finite
    virtual void set_max_doppler(double hertz) = 0;
    //! Start a new channel of another profile. \throws std::invalid_argument if not known
    virtual void set_profile(const std::string& profile) = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TDL_CHANNEL_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_MIMO_CHANNEL_H
#define INCLUDED_FEWBIT_MIMO_CHANNEL_H

#include <gnuradio/block.h>
#include <gnuradio/fewbit/api.h>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace gr {
namespace fewbit {

/*!
 * \brief Send the symbols of several users to several antennas through Rayleigh fading, and
 * add noise: y = H x + n.
 * \ingroup fewbit
 *
 * \details
 * Input: items of k complex x, one a user. Output 0: items of m complex y, one for each.
 * Output 1, which may stay open: items of m * k complex H, row by row, one for every block of
 * \p block_len vectors (algorithms::mimo_channel). E|H_ij|^2 = 1/k, so that for symbols of
 * unit energy the signal-to-noise ratio is 1 / noise variance.
 *
 * The noise variance is E|n_i|^2 of an antenna. The stream tag \c noise_variance (double) on
 * output 0 tells it on the first item and wherever it changed: set_noise_variance() and
 * set_snr_db() take effect at the next block. Tags of the input go to the same item of
 * output 0 and to that output alone. Vectors that do not fill a block wait for the rest.
 * Vectors that hold NaN or infinity are counted, logged once and spoil no other.
 */
class FEWBIT_API mimo_channel : virtual public gr::block
{
public:
    typedef std::shared_ptr<mimo_channel> sptr;

    /*!
     * \param antennas m of the receiver, 1 to 256
     * \param users k, one transmit antenna each, 1 to 256
     * \param block_len vectors that one channel lasts, 1 to 65536; m * k * block_len is at
     * most 2^25, since the buffer of output 1 holds twice block_len channels
     * \param noise_variance E|n_i|^2, at least 0: 1 / SNR
     * \param fading "block" (every block an independent channel) or "jakes"
     * \param doppler for jakes: Doppler frequency times the time of a block, at least 0
     * \param receive_correlation of neighbouring antennas, from 0 to below 1 (r^|i-j|)
     * \param transmit_correlation of neighbouring users, likewise
     * \param seed repeats channels and noise
     * \throws std::invalid_argument when one of them is not as said
     */
    static sptr make(std::size_t antennas = 16,
                     std::size_t users = 16,
                     std::size_t block_len = 1,
                     double noise_variance = 0.01,
                     const std::string& fading = "block",
                     double doppler = 0.0,
                     double receive_correlation = 0.0,
                     double transmit_correlation = 0.0,
                     std::uint64_t seed = 1);

    //! \throws std::invalid_argument when negative or not finite
    virtual void set_noise_variance(double noise_variance) = 0;
    virtual double noise_variance() const = 0;
    //! Set the noise variance to 10^(-snr_db / 10). \throws std::invalid_argument unless
    //! that is finite
    virtual void set_snr_db(double snr_db) = 0;

    virtual std::map<std::string, std::uint64_t>
    counters() const = 0; //!< vectors, channels, not_finite (vectors of x)
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_MIMO_CHANNEL_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_LINK_MIMO_CHANNEL_H
#define INCLUDED_FEWBIT_ALGORITHMS_LINK_MIMO_CHANNEL_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

class random_source;

//! How a mimo_channel goes from one block of vectors to the next.
enum class mimo_fading {
    block, //!< every block is a new channel, independent of those before
    jakes  //!< every block is the same channel a little later
};

//! What a mimo_channel is made of.
struct FEWBIT_ALGORITHMS_API mimo_settings {
    std::size_t receive_antennas = 16; //!< m
    std::size_t users = 16;            //!< k, one transmit antenna each
    std::size_t block_len = 1;         //!< vectors that one channel lasts
    double noise_variance = 0.0;       //!< E|n_i|^2 of an antenna, 0 for none
    double receive_correlation = 0.0;  //!< r of neighbouring receive antennas, [0, 1)
    double transmit_correlation = 0.0; //!< t of neighbouring users, [0, 1)
    mimo_fading fading = mimo_fading::block;
    double doppler = 0.0; //!< for jakes: f_d times the time from one block to the next
    std::uint64_t seed = 1;
};

/*!
 * \brief y = H x + n: Rayleigh fading between users and receive antennas.
 *
 *   H = R_r^(1/2) G R_t^(1/2)^T,  G_ij ~ CN(0, 1/k) and independent,
 *   (R_r)_ij = r^|i-j|,  (R_t)_ij = t^|i-j|  (Kronecker correlation, exponential)
 *
 * with the Cholesky factors as roots. For independent x_j with E|x_j|^2 = 1 and E|n_i|^2 = v
 * the signal-to-noise ratio E||Hx||^2 / E||n||^2 is 1/v, whatever the correlation; in the
 * real model with levels {-3, -1, 1, 3} (10 times the energy) that is 5/SNR a real dimension.
 *
 * H lasts block_len vectors. Block fading then draws a new G. Jakes fading makes every G_ij a
 * sum of N = 32 sinusoids, as tdl_channel does (Xiao, Zheng and Beaulieu, IEEE Trans.
 * Wireless Commun. 5(12), 2006), whose autocorrelation over the ensemble, after b blocks, is
 * J0(2 pi doppler b) / k exactly.
 *
 * The noise has a generator of its own: channels of one seed are the same whatever the
 * noise. NaN and infinity in x spoil the y of the same vector alone.
 */
class FEWBIT_ALGORITHMS_API mimo_channel
{
public:
    static constexpr std::size_t max_antennas = 256; //!< of m and of k

    /*! \throws std::invalid_argument for numbers of antennas or users of 0 or above
     * max_antennas, a block_len of 0, a correlation outside [0, 1), a noise variance or
     * Doppler that is negative or not finite */
    explicit mimo_channel(const mimo_settings& settings = {});
    ~mimo_channel();
    mimo_channel(mimo_channel&&) noexcept;
    mimo_channel& operator=(mimo_channel&&) noexcept;

    const mimo_settings& settings() const noexcept { return d_settings; }
    //! \throws std::invalid_argument when negative or not finite
    void set_noise_variance(double noise_variance);

    //! H of the block that comes next, [m][k].
    const std::vector<std::complex<float>>& matrix() const noexcept { return d_matrix; }

    /*! \brief \p n_blocks blocks of block_len vectors, each over the next channel.
     *
     * \param x [n_blocks][block_len][k]
     * \param y receives [n_blocks][block_len][m]
     * \param h receives the channels [n_blocks][m][k]; may be null
     */
    void apply(const std::complex<float>* x,
               std::size_t n_blocks,
               std::complex<float>* y,
               std::complex<float>* h) noexcept;

private:
    struct sinusoid {
        double cosine; // of the angle of arrival
        double phase;
    };

    void start_sinusoids();
    void draw() noexcept;
    void draw_sinusoids() noexcept;
    void correlate() noexcept;
    void next_channel() noexcept;

    mimo_settings d_settings;
    std::vector<std::complex<float>> d_matrix;
    std::vector<float> d_receive_root;     // [m][m], lower
    std::vector<float> d_transmit_root;    // [k][k], lower
    std::vector<std::complex<float>> d_row; // of the longer side, for correlate()
    std::vector<sinusoid> d_sinusoids;     // [m][k][32]
    std::unique_ptr<random_source> d_random;
    std::unique_ptr<random_source> d_noise;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_LINK_MIMO_CHANNEL_H */

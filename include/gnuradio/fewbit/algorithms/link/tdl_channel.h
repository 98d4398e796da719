/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_LINK_TDL_CHANNEL_H
#define INCLUDED_FEWBIT_ALGORITHMS_LINK_TDL_CHANNEL_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/link/tdl_profile.h>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

class random_source;
class tdl_filter;

//! How a tdl_channel goes from one step to the next.
enum class tdl_fading {
    block, //!< every step is a new channel, independent of those before
    jakes  //!< every step is the same channel a little later
};

//! What a tdl_channel is made of; the defaults are the packet of docs/architecture.md
//! over EPA.
struct FEWBIT_ALGORITHMS_API tdl_settings {
    std::string profile = "EPA";      //!< a name that tdl_profile() knows
    double rms_delay_spread = 100e-9; //!< seconds, scales TDL-A to TDL-E
    double sample_rate = 15.36e6;     //!< of the samples that filter() sees, in 1/s
    tdl_fading fading = tdl_fading::block;
    double max_doppler = 0.0;    //!< f_d in Hz, for jakes; 0 stands still
    bool normalise = true;       //!< every step has unit mean power over the subcarriers
    std::vector<double> offsets; //!< subcarriers in Hz from DC; empty: subcarrier_map()'s
    std::uint64_t seed = 1;
};

/*!
 * \brief A fading tapped delay line, seen as a frequency response and as a filter.
 *
 *   h(t, tau) = sum_l a_l(t) delta(tau - tau_l),
 *   H(t, f)   = sum_l a_l(t) exp(-j 2 pi f tau_l)
 *
 * with the delays tau_l and the mean powers P_l = E|a_l|^2 of tdl_profile(), sum P_l = 1.
 * The channel holds still within a step (a packet) and changes in step().
 *
 * Block fading draws a_l from a circular complex Gaussian (a line of sight: constant
 * magnitude, uniform phase). Jakes fading is a sum of N = 32 sinusoids (Xiao,
 * Zheng and Beaulieu, IEEE Trans. Wireless Commun. 5(12), 2006):
 *
 *   a_l(t) = sqrt(P_l / N) sum_n exp(j (2 pi f_d t cos alpha_n + phi_n)),
 *   alpha_n = (2 pi n + theta_n) / N,  theta_n and phi_n uniform in [-pi, pi),
 *
 * whose autocorrelation over the ensemble is P_l J0(2 pi f_d tau) exactly. A line of
 * sight has one sinusoid at 0.7 f_d (TR 38.901, 7.7.2).
 *
 * normalise divides every step by the root of its mean power over `offsets`, so that SNR
 * means the same for every packet; a step whose mean power is below 1e-20 is left as it
 * is.
 */
class FEWBIT_ALGORITHMS_API tdl_channel
{
public:
    /*! \throws std::invalid_argument for a profile that is not known, a sample rate,
     * delay spread or Doppler that is not finite or not positive (the Doppler may be 0),
     * an offset that is not finite, or a profile longer than 16384 samples */
    explicit tdl_channel(const tdl_settings& settings = {});
    ~tdl_channel();

    const tdl_settings& settings() const noexcept { return d_settings; }
    std::size_t n_subcarriers() const noexcept { return d_settings.offsets.size(); }

    /*! \brief Go to the next channel: an independent one (block fading), or \p interval
     * seconds on (Jakes). The constructor has drawn the first. An interval that is not
     * finite counts as 0. */
    void step(double interval) noexcept;

    //! Change f_d from now on; the phases go on where they are. Not finite or negative
    //! counts as 0.
    void set_max_doppler(double hertz) noexcept;

    //! Delays tau_l in seconds.
    const std::vector<double>& delays() const noexcept { return d_delays; }

    //! Taps a_l of this step, the normalisation in.
    const std::vector<std::complex<float>>& taps() const noexcept { return d_taps; }

    //! H at the offsets of the settings, this step.
    const std::vector<std::complex<float>>& response() const noexcept
    {
        return d_response;
    }

    //! H at \p n frequencies in Hz, this step.
    void frequency_response(const double* offsets,
                            std::size_t n,
                            std::complex<float>* response) const noexcept;

    /*! \brief Responses of this step and the following \p n - 1, and one step more.
     *
     * \param interval seconds between steps
     * \param responses receives [n][n_subcarriers()]
     */
    void draw(std::size_t n, double interval, std::complex<float>* responses) noexcept;

    /*! \brief Filter \p n samples with this step's taps.
     *
     * y(m) = sum_l a_l x(m - tau_l f_s).
     *
     * Fractional delays are a Kaiser-windowed sinc, exact to -65 dB for |f| below 0.35
     * f_s. It has filter_lead() samples of lead: a sample is influenced by the lead's
     * samples after it, as far as they are in the same call. What is smeared beyond the
     * call's last sample is added to the next call's first, whatever the channel is then.
     * Samples are not shifted: the tap of delay 0 answers in place. \p out must not be \p
     * in.
     */
    void filter(const std::complex<float>* in,
                std::size_t n,
                std::complex<float>* out) noexcept;

    //! Forget what earlier calls of filter() have smeared.
    void reset_filter() noexcept;

    //! Samples that the filter reaches ahead, and that an OFDM receiver should start
    //! early.
    static constexpr std::size_t filter_lead = 8;

private:
    struct sinusoid {
        double cosine; // of the angle of arrival
        double phase;
    };

    void draw_block() noexcept;
    void start_sinusoids();
    void draw_sinusoids() noexcept;
    void finish_step() noexcept;

    tdl_settings d_settings;
    std::vector<tdl_tap> d_profile;
    std::vector<double> d_delays;
    std::vector<std::complex<float>> d_taps;
    std::vector<std::complex<float>> d_response;
    std::vector<float> d_rotation_re; // [tap][subcarrier]: exp(-j 2 pi f tau)
    std::vector<float> d_rotation_im;
    std::vector<float> d_sum_re; // [subcarrier]
    std::vector<float> d_sum_im;
    std::vector<sinusoid> d_sinusoids; // [tap][sinusoids], one for a line of sight
    std::unique_ptr<random_source> d_random;
    std::unique_ptr<tdl_filter> d_filter;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_LINK_TDL_CHANNEL_H */

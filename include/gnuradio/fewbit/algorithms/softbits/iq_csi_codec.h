/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_IQ_CSI_CODEC_H
#define INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_IQ_CSI_CODEC_H

#include <gnuradio/fewbit/algorithms/softbits/codec.h>
#include <gnuradio/fewbit/algorithms/softbits/demapper_inverse.h>
#include <complex>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

class iq_csi_tables;

//! What an iq_csi_codec is made of.
struct iq_csi_settings {
    unsigned bits_per_symbol = 6; //!< K: 4, 6 or 8
    double step = 0.5; //!< I, Q step in standard deviations of their noise, .1 to 4
    double csi_step_db = 1.5; //!< step of the gain-to-noise ratio, .25 to 6 dB
    bool fixed_length =
        false; //!< K/2 + 2 bits each of I and Q, 4 bits of CSI; no \ref step
};

/*!
 * \brief A QAM symbol's K LLRs as the three numbers that they are made of: I, Q, and the
 * gain-to-noise ratio rho = |h|^2 / E|n|^2.
 *
 * rho is rounded to steps of \e csi_step_db. Below -10 dB the symbol is erased: no I or Q
 * is kept and its LLRs decode to 0. Above the value where a symbol is 4.5 standard
 * deviations away from its decision boundary rho counts as that value.
 *
 * I and Q are rounded to multiples of \e step standard deviations sigma = sqrt(1 / (2
 * rho)) of their noise, with the rounded rho, which the decoder knows too.
 *
 * A cell (rho, I) is decoded to the LLRs of just that: log P(cell | b=1) / P(cell | b=0),
 * where P(cell | amplitude) is a difference of normal distribution functions. They are
 * tables, so that decoding is as cheap as reading.
 *
 * Entropy coding, all models static and closed-form:
 * - I and Q given rho: the sum over amplitudes of P(cell | amplitude).
 * - rho of the first symbol: uniform.
 * - rho from symbol to symbol: over Rayleigh fading with correlation r between
 * neighbours, the difference w of log gains has P(w <= x) = (1 + s / sqrt(s^2 + 1 - r^2))
 * / 2, s = sinh(x / 2) (from the joint density of two Rayleigh envelopes; S. O. Rice,
 * 1944). The encoder chooses among eight values of r the one that takes the fewest bits
 * and writes which in 3 bits. A gain that just rose rarely falls: see csi_model.
 *
 * The body is one range-coded stream: the model, then for every symbol rho, I, Q. \e
 * Fixed-length, it is packed: 4 bits of rho, then I and Q, zeros up to a whole byte, and
 * no coder at all.
 *
 * encode() starts from LLRs and finds (I, Q, rho) by demapper_inverse; LLRs that the
 * exact demapper cannot give (max-log, clipped, combined over retransmissions) come back
 * as the nearest that it can. encode_symbols() starts from equalised symbols and spares
 * that work; both write the same bodies, to within the rounding of ties.
 */
class FEWBIT_ALGORITHMS_API iq_csi_codec : public softbit_codec
{
public:
    //! \throws std::invalid_argument in one sentence when a setting is out of its range
    explicit iq_csi_codec(const iq_csi_settings& settings);

    std::string name() const override;
    std::uint32_t id() const override;
    std::size_t llrs_per_symbol() const override { return d_settings.bits_per_symbol; }
    std::size_t max_body_bytes(std::size_t n_llrs) const override;
    void reserve(std::size_t n_llrs) override;
    std::size_t
    encode(const float* llrs, std::size_t n_llrs, std::uint8_t* body) noexcept override;
    bool decode(const std::uint8_t* body,
                std::size_t n_bytes,
                float* llrs,
                std::size_t n_llrs) noexcept override;
    std::unique_ptr<softbit_codec> clone() const override;

    /*! \brief Encode equalised symbols, with no LLRs in between.
     *
     * \param symbols received / h, in units of the unit-energy constellation; NaN counts
     * as 0
     * \param gain_to_noise |h|^2 / E|n|^2, a ratio; 0, negative or NaN erases the symbol
     * \param n_symbols a packet of n_symbols * K LLRs
     * \param[out] body has room for max_body_bytes(n_symbols * K)
     * \returns the body's bytes, 0 as encode() does
     */
    std::size_t encode_symbols(const std::complex<float>* symbols,
                               const float* gain_to_noise,
                               std::size_t n_symbols,
                               std::uint8_t* body) noexcept;

private:
    std::size_t
    encode_range(const float* iq, std::size_t n_symbols, std::uint8_t* body) noexcept;
    std::size_t
    encode_fixed(const float* iq, std::size_t n_symbols, std::uint8_t* body) noexcept;
    bool decode_range(const std::uint8_t* body,
                      std::size_t n_bytes,
                      float* llrs,
                      std::size_t n_symbols) const noexcept;
    void decode_fixed(const std::uint8_t* body,
                      float* llrs,
                      std::size_t n_symbols) const noexcept;

    iq_csi_settings d_settings;
    std::shared_ptr<const iq_csi_tables> d_tables; // never changes: clones share it
    demapper_inverse d_inverse;
    std::vector<float> d_iq;            // scratch: I, Q of each symbol
    std::vector<float> d_gain_to_noise; // scratch
    std::vector<std::uint16_t> d_csi;   // scratch: the level of each symbol
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_IQ_CSI_CODEC_H */

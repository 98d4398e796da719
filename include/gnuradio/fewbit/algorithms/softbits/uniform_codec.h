/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_UNIFORM_CODEC_H
#define INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_UNIFORM_CODEC_H

#include <gnuradio/fewbit/algorithms/coding/cdf_table.h>
#include <gnuradio/fewbit/algorithms/softbits/codec.h>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief LLRs of b bits at equal steps: what receivers store today.
 *
 * With m = 2^(b-1) - 1, an LLR L becomes the integer
 *
 *     i = round(L m / clip) limited to -m .. m,     decoded to i clip / m,
 *
 * so that 0 is kept exactly (mid-tread), the outermost values are +-clip, and one of the
 * 2^b codes is not used, as in the saturated two's complement of real receivers. Half-way
 * cases go to the even integer.
 *
 * The body is i + m in b bits each, most significant first, and zeros up to a whole byte.
 * \e Coded, the same integers are range-coded with a static model: for each bit position
 * of a QAM symbol the distribution of i when exact LLRs come from Rayleigh fading at one
 * SNR (integrated numerically). At other SNRs, or for LLRs in another order, it stays
 * correct and takes more bits.
 */
class FEWBIT_ALGORITHMS_API uniform_codec : public softbit_codec
{
public:
    //! The packed codec: \p bits from 2 to 8, \p clip positive and finite.
    uniform_codec(unsigned bits, double clip);

    /*!
     * \brief The range-coded codec.
     * \param bits from 2 to 8
     * \param clip positive and finite
     * \param bits_per_symbol K of the model: 2, 4, 6 or 8
     * \param snr_db of the model, the mean over the fading, -20 to 60
     * \throws std::invalid_argument in one sentence
     */
    uniform_codec(unsigned bits, double clip, unsigned bits_per_symbol, double snr_db);

    std::string name() const override;
    std::uint32_t id() const override { return d_id; }
    std::size_t llrs_per_symbol() const override { return 1; }
    std::size_t max_body_bytes(std::size_t n_llrs) const override;
    void reserve(std::size_t) override {}
    std::size_t
    encode(const float* llrs, std::size_t n_llrs, std::uint8_t* body) noexcept override;
    bool decode(const std::uint8_t* body,
                std::size_t n_bytes,
                float* llrs,
                std::size_t n_llrs) noexcept override;
    std::unique_ptr<softbit_codec> clone() const override;

private:
    unsigned code(float llr) const noexcept; // i + m
    void pack(const float* llrs, std::size_t n_llrs, std::uint8_t* body) const noexcept;
    void unpack(const std::uint8_t* body, float* llrs, std::size_t n_llrs) const noexcept;
    bool decode_range(const std::uint8_t* body,
                      std::size_t n_bytes,
                      float* llrs,
                      std::size_t n_llrs) const noexcept;

    unsigned d_bits;
    int d_largest; // m
    float d_clip;
    float d_steps_per_unit;        // m / clip
    float d_values[256];           // decoded LLR of each code
    std::vector<cdf_table> d_cdfs; // one for each bit position; none when packed
    std::uint32_t d_id;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_UNIFORM_CODEC_H */

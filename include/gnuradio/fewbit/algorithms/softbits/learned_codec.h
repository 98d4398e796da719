/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_LEARNED_CODEC_H
#define INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_LEARNED_CODEC_H

#include <gnuradio/fewbit/algorithms/softbits/codec.h>

namespace gr {
namespace fewbit {
namespace algorithms {

struct learned_model;

/*!
 * \brief The learned soft-bit codec: the K LLRs of a subcarrier become three coded
 * latents.
 *
 *     Lambda_k = tanh(L_k / 2)              soft bits of one subcarrier, k = 1..K
 *     z = tanh(f(Lambda))                   encoder network, three latents
 *     i_l = nearest codebook point to z_l   half-way cases to the lower point
 *     body = range coder of i_1, i_2, i_3 of subcarrier 1, then of subcarrier 2, ...
 *     L_k = 2 g_k(codebook[i]), clipped     decoder network; Lambda~ = tanh(L/2)
 *
 * after M. Arvinte and J. Tamir, "Wideband and entropy-aware deep soft bit quantization"
 * (2021); f and g are dense networks of widths K, 4K, 4K, 4K, 4K, 3 and back, with ReLU
 * between. Everything comes from a bundle of kind \c softbit_codec, which
 * docs/architecture.md describes.
 *
 * The range coder's integer CDFs are fixed, one a latent; with contexts (an extension of
 * the paper's codec) it is one of C a latent, chosen by a score that is read from tables
 * at the former subcarrier's indices and at those of this subcarrier's earlier latents.
 * Scores are sums of float32 in a fixed order, so that every processor chooses alike.
 *
 * The encoder's network runs in float32 with whatever instruction set there is: indices
 * of latents that are within rounding of half-way between two points may differ between
 * processors. The decoder reads either.
 *
 * A NaN is encoded as 0; +-infinity has Lambda = +-1. Decoded LLRs are within
 * +-llr_clip().
 */
class FEWBIT_ALGORITHMS_API learned_codec : public softbit_codec
{
public:
    static constexpr std::size_t latents_per_symbol = 3;

    /*! \brief Load the bundle \p file.
     * \throws bundle_error in one sentence when it is not a sound bundle of kind
     * softbit_codec
     */
    explicit learned_codec(const std::string& file);
    ~learned_codec() override;

    //! "learned-k6", with "-c8" where there are 8 contexts.
    std::string name() const override;
    std::uint32_t id() const override;
    std::size_t llrs_per_symbol() const override;
    std::size_t max_body_bytes(std::size_t n_llrs) const override;
    void reserve(std::size_t n_llrs) override;
    std::size_t
    encode(const float* llrs, std::size_t n_llrs, std::uint8_t* body) noexcept override;
    bool decode(const std::uint8_t* body,
                std::size_t n_bytes,
                float* llrs,
                std::size_t n_llrs) noexcept override;
    std::unique_ptr<softbit_codec> clone() const override;

    unsigned levels() const;
    unsigned contexts() const;
    float llr_clip() const;

    /*! \brief The latents z of a packet, [symbols][3], before quantization: what training
     * shaped.
     * \returns false for an LLR count that encode() would refuse
     */
    bool latents(const float* llrs, std::size_t n_llrs, float* latents) noexcept;

    //! The indices that encode() codes, [symbols][3]; false as for latents().
    bool indices(const float* llrs, std::size_t n_llrs, std::uint8_t* indices) noexcept;

    /*! \brief The LLRs of given indices [symbols][3]: decode() without the range decoder.
     * \returns false for an LLR count that encode() would refuse, and for an index that
     * is not below levels()
     */
    bool
    decode_indices(const std::uint8_t* indices, float* llrs, std::size_t n_llrs) noexcept;

private:
    struct scratch;

    explicit learned_codec(std::shared_ptr<const learned_model> model);
    bool has_room_for(std::size_t n_llrs) const noexcept;
    void run_encoder(const float* llrs, std::size_t n_symbols) noexcept;
    void quantize(std::size_t n_symbols) noexcept;
    void run_decoder(std::size_t n_symbols, float* llrs) noexcept;

    std::shared_ptr<const learned_model> d_model; // shared by clones
    std::unique_ptr<scratch> d_scratch;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_LEARNED_CODEC_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_MAX_MI_CODEC_H
#define INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_MAX_MI_CODEC_H

#include <gnuradio/fewbit/algorithms/coding/cdf_table.h>
#include <gnuradio/fewbit/algorithms/softbits/codec.h>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! A scalar quantizer for each of the K bit positions of a symbol, M = 2^bits cells each.
struct scalar_codebook {
    unsigned bits_per_symbol;      //!< K: 2, 4, 6 or 8
    unsigned bits;                 //!< 1 to 8
    std::vector<float> thresholds; //!< [K][M-1], each row ascending
    std::vector<float> levels;     //!< [K][M], the decoded LLR of each cell
    std::vector<std::int32_t> cdf; //!< [K][M+1], integer CDFs
};

/*!
 * \brief Read the codebook of one SNR from a `scalar_codebook` bundle
 * (docs/architecture.md).
 *
 * \param path the file
 * \param bits what the bundle's `bits` must be; 0 takes any
 * \param snr_db the entry nearest to this SNR is taken; NaN takes the middle entry. A file
 * with one entry serves any SNR
 * \throws bundle_error when the file is not a sound bundle of that kind, and of that many
 * bits, or snr_db lies beyond its entries
 */
FEWBIT_ALGORITHMS_API scalar_codebook read_scalar_codebook(const std::string& path,
                                                           unsigned bits,
                                                           double snr_db);

/*!
 * \brief Scalar quantizers that keep the most mutual information, range-coded.
 *
 * The index of an LLR L at bit position k (its place in the packet modulo K) is the
 * number of thresholds of that position below L; indices are range-coded with that
 * position's CDF. The codebooks are those of a `scalar_codebook` bundle (designed by
 * fewbit_trainer.max_mi).
 */
class FEWBIT_ALGORITHMS_API max_mi_codec : public softbit_codec
{
public:
    /*!
     * \throws std::invalid_argument in one sentence when a size is wrong, a threshold or
     * level is not finite, thresholds do not ascend, or a CDF is none
     */
    explicit max_mi_codec(const scalar_codebook& codebook);

    std::string name() const override;
    std::uint32_t id() const override { return d_id; }
    std::size_t llrs_per_symbol() const override { return d_bits_per_symbol; }
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
    unsigned index(std::size_t position, float llr) const noexcept;

    unsigned d_bits_per_symbol;
    unsigned d_bits;
    std::vector<float> d_thresholds; // [K][M], the last of each row unused
    std::vector<float> d_levels;
    std::vector<cdf_table> d_cdfs;
    std::uint32_t d_id;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_MAX_MI_CODEC_H */

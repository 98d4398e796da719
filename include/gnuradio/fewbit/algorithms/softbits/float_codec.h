/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_FLOAT_CODEC_H
#define INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_FLOAT_CODEC_H

#include <gnuradio/fewbit/algorithms/softbits/codec.h>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief LLRs as 32-bit IEEE 754 floats, little-endian: what compression is compared
 * with.
 *
 * Every finite LLR comes back bit for bit. A NaN becomes 0 and +-infinity +-FLT_MAX, both
 * when written and when read, so that an altered body decodes to finite LLRs too.
 */
class FEWBIT_ALGORITHMS_API float_codec : public softbit_codec
{
public:
    std::string name() const override { return "float"; }
    std::uint32_t id() const override;
    std::size_t llrs_per_symbol() const override { return 1; }
    std::size_t max_body_bytes(std::size_t n_llrs) const override { return 4 * n_llrs; }
    void reserve(std::size_t) override {}
    std::size_t
    encode(const float* llrs, std::size_t n_llrs, std::uint8_t* body) noexcept override;
    bool decode(const std::uint8_t* body,
                std::size_t n_bytes,
                float* llrs,
                std::size_t n_llrs) noexcept override;
    std::unique_ptr<softbit_codec> clone() const override;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_FLOAT_CODEC_H */

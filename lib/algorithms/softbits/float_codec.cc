/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/softbits/float_codec.h>

#include "codec_id.h"
#include <cfloat>
#include <cmath>
#include <cstring>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

float made_finite(float llr)
{
    if (std::isnan(llr))
        return 0.0f;
    return std::fmax(-FLT_MAX, std::fmin(FLT_MAX, llr));
}

} // namespace

std::uint32_t float_codec::id() const { return codec_id("float"); }

std::size_t
float_codec::encode(const float* llrs, std::size_t n_llrs, std::uint8_t* body) noexcept
{
    for (std::size_t i = 0; i < n_llrs; i++) {
        const float llr = made_finite(llrs[i]);
        std::uint32_t bits;
        std::memcpy(&bits, &llr, sizeof(bits));
        for (int b = 0; b < 4; b++)
            body[4 * i + b] = static_cast<std::uint8_t>(bits >> (8 * b));
    }
    return 4 * n_llrs;
}

bool float_codec::decode(const std::uint8_t* body,
                         std::size_t n_bytes,
                         float* llrs,
                         std::size_t n_llrs) noexcept
{
    if (n_bytes != 4 * n_llrs) {
        std::memset(llrs, 0, n_llrs * sizeof(float));
        return false;
    }
    for (std::size_t i = 0; i < n_llrs; i++) {
        std::uint32_t bits = 0;
        for (int b = 0; b < 4; b++)
            bits |= static_cast<std::uint32_t>(body[4 * i + b]) << (8 * b);
        float llr;
        std::memcpy(&llr, &bits, sizeof(bits));
        llrs[i] = made_finite(llr);
    }
    return true;
}

std::unique_ptr<softbit_codec> float_codec::clone() const
{
    return std::make_unique<float_codec>(*this);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

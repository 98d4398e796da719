/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/softbits/uniform_codec.h>

#include <gnuradio/fewbit/algorithms/coding/range_coder.h>

#include "algorithms/link/constellation.h"
#include "codec_id.h"
#include "integer_cdf.h"
#include "llr_statistics.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

uniform_codec::uniform_codec(unsigned bits, double clip)
    : d_bits(bits),
      d_largest((1 << (std::min(bits, 8u) - 1)) - 1),
      d_clip(static_cast<float>(clip))
{
    if (bits < 2 || bits > 8)
        throw std::invalid_argument("uniform_codec: bits is " + std::to_string(bits) +
                                    ", expected 2 to 8");
    if (!(clip >= 1e-3 && clip <= 1e6))
        throw std::invalid_argument("uniform_codec: clip is " + std::to_string(clip) +
                                    ", expected a magnitude from 0.001 to 1000000");
    d_steps_per_unit = static_cast<float>(d_largest) / d_clip;
    for (int c = 0; c < 256; c++)
        d_values[c] = static_cast<float>(std::min(c - d_largest, d_largest)) * d_clip /
                      static_cast<float>(d_largest);
    d_id = codec_id("uniform,bits=" + std::to_string(bits));
    d_id = codec_id(&d_clip, sizeof(d_clip), d_id);
}

uniform_codec::uniform_codec(unsigned bits,
                             double clip,
                             unsigned bits_per_symbol,
                             double snr_db)
    : uniform_codec(bits, clip)
{
    check_bits_per_symbol("uniform_codec", bits_per_symbol);
    if (!(snr_db >= -20.0 && snr_db <= 60.0))
        throw std::invalid_argument("uniform_codec: snr_db is " + std::to_string(snr_db) +
                                    ", expected -20 to 60");
    const auto cells = static_cast<unsigned>(2 * d_largest + 1);
    const auto model = rayleigh_llr_cells(
        bits_per_symbol, snr_db, cells, [this](float llr) { return code(llr); });
    for (unsigned position = 0; position < bits_per_symbol; position++) {
        const auto cdf = integer_cdf(model[position / 2]);
        d_cdfs.emplace_back(cdf.data(), cdf.size());
        d_id = codec_id(cdf.data(), cdf.size() * sizeof(cdf[0]), d_id);
    }
}

std::string uniform_codec::name() const
{
    return "uniform-" + std::to_string(d_bits) + (d_cdfs.empty() ? "" : "-coded");
}

std::size_t uniform_codec::max_body_bytes(std::size_t n_llrs) const
{
    if (d_cdfs.empty() || n_llrs == 0)
        return (n_llrs * d_bits + 7) / 8;
    return range_encoder::max_bytes(n_llrs);
}

unsigned uniform_codec::code(float llr) const noexcept
{
    const float known = llr == llr ? llr : 0.0f; // NaN: nothing known
    const float largest = static_cast<float>(d_largest);
    const float steps = std::max(-largest, std::min(largest, known * d_steps_per_unit));
    // Adding 1.5 * 2^23 leaves no fraction bits: rounds to nearest, half-way cases to
    // even.
    const float shifter = 12582912.0f;
    return static_cast<unsigned>(static_cast<int>(steps + shifter - shifter) + d_largest);
}

std::size_t
uniform_codec::encode(const float* llrs, std::size_t n_llrs, std::uint8_t* body) noexcept
{
    if (n_llrs == 0)
        return 0;
    if (d_cdfs.empty()) {
        pack(llrs, n_llrs, body);
        return (n_llrs * d_bits + 7) / 8;
    }
    range_encoder coder(body, max_body_bytes(n_llrs));
    std::size_t position = 0;
    for (std::size_t i = 0; i < n_llrs; i++) {
        coder.encode(d_cdfs[position], code(llrs[i]));
        position = position + 1 == d_cdfs.size() ? 0 : position + 1;
    }
    return coder.finish();
}

// Eight codes fill b bytes exactly.
void uniform_codec::pack(const float* llrs,
                         std::size_t n_llrs,
                         std::uint8_t* body) const noexcept
{
    const unsigned bits = d_bits;
    for (std::size_t i = 0; i < n_llrs; i += 8, body += bits) {
        const std::size_t n = std::min<std::size_t>(8, n_llrs - i);
        unsigned codes[8] = {0, 0, 0, 0, 0, 0, 0, 0};
        if (n == 8) {
            for (int j = 0; j < 8; j++)
                codes[j] = code(llrs[i + j]);
        } else {
            for (std::size_t j = 0; j < n; j++)
                codes[j] = code(llrs[i + j]);
        }
        std::uint64_t word = 0;
        for (unsigned c : codes)
            word = (word << bits) | c;
        const std::size_t bytes = (n * bits + 7) / 8;
        for (std::size_t j = 0; j < bytes; j++)
            body[j] = static_cast<std::uint8_t>(word >> (8 * (bits - 1 - j)));
    }
}

void uniform_codec::unpack(const std::uint8_t* body,
                           float* llrs,
                           std::size_t n_llrs) const noexcept
{
    const unsigned bits = d_bits;
    const std::uint64_t mask = (1u << bits) - 1;
    for (std::size_t i = 0; i < n_llrs; i += 8, body += bits) {
        const std::size_t n = std::min<std::size_t>(8, n_llrs - i);
        const std::size_t bytes = (n * bits + 7) / 8;
        std::uint64_t word = 0;
        for (std::size_t j = 0; j < bytes; j++)
            word |= static_cast<std::uint64_t>(body[j]) << (8 * (bits - 1 - j));
        for (std::size_t j = 0; j < n; j++)
            llrs[i + j] = d_values[(word >> (bits * (7 - j))) & mask];
    }
}

bool uniform_codec::decode(const std::uint8_t* body,
                           std::size_t n_bytes,
                           float* llrs,
                           std::size_t n_llrs) noexcept
{
    bool sound;
    if (d_cdfs.empty() || n_llrs == 0) {
        sound = n_bytes == (n_llrs * d_bits + 7) / 8;
        if (sound)
            unpack(body, llrs, n_llrs);
    } else {
        sound = n_bytes > 0 && decode_range(body, n_bytes, llrs, n_llrs);
    }
    if (!sound)
        std::fill_n(llrs, n_llrs, 0.0f);
    return sound;
}

bool uniform_codec::decode_range(const std::uint8_t* body,
                                 std::size_t n_bytes,
                                 float* llrs,
                                 std::size_t n_llrs) const noexcept
{
    range_decoder coder(body, n_bytes);
    std::size_t position = 0;
    for (std::size_t i = 0; i < n_llrs; i++) {
        llrs[i] = d_values[coder.decode(d_cdfs[position])];
        position = position + 1 == d_cdfs.size() ? 0 : position + 1;
    }
    return coder.encoded_bytes() == n_bytes;
}

std::unique_ptr<softbit_codec> uniform_codec::clone() const
{
    return std::make_unique<uniform_codec>(*this);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

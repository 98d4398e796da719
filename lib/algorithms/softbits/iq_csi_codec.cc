/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/softbits/iq_csi_codec.h>

#include <gnuradio/fewbit/algorithms/coding/range_coder.h>

#include "iq_csi_tables.h"
#include <algorithm>
#include <cstring>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr unsigned fixed_csi_bits = 4;

std::string shown(double value)
{
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.' || text.back() == ',')
        text.pop_back();
    std::replace(text.begin(), text.end(), ',', '.');
    return text;
}

// Bits of a fixed-length body, most significant first.
class bit_writer
{
public:
    explicit bit_writer(std::uint8_t* out) : d_out(out) {}
    void put(unsigned value, unsigned bits)
    {
        d_word = (d_word << bits) | value;
        for (d_held += bits; d_held >= 8; d_held -= 8)
            *d_out++ = static_cast<std::uint8_t>(d_word >> (d_held - 8));
    }
    void finish()
    {
        if (d_held > 0)
            *d_out = static_cast<std::uint8_t>(d_word << (8 - d_held));
    }

private:
    std::uint8_t* d_out;
    std::uint32_t d_word = 0;
    unsigned d_held = 0;
};

// The caller asks for no more bits than there are.
class bit_reader
{
public:
    explicit bit_reader(const std::uint8_t* in) : d_in(in) {}
    unsigned get(unsigned bits)
    {
        for (; d_held < bits; d_held += 8)
            d_word = (d_word << 8) | *d_in++;
        d_held -= bits;
        return (d_word >> d_held) & ((1u << bits) - 1);
    }

private:
    const std::uint8_t* d_in;
    std::uint32_t d_word = 0;
    unsigned d_held = 0;
};

} // namespace

iq_csi_codec::iq_csi_codec(const iq_csi_settings& settings)
    : d_settings(settings),
      d_tables(std::make_shared<iq_csi_tables>(settings)),
      d_inverse(settings.bits_per_symbol)
{
}

std::string iq_csi_codec::name() const
{
    return d_settings.fixed_length ? "iq-csi-fixed" : "iq-csi-" + shown(d_settings.step);
}

std::uint32_t iq_csi_codec::id() const { return d_tables->id(); }

std::size_t iq_csi_codec::max_body_bytes(std::size_t n_llrs) const
{
    const std::size_t n_symbols = n_llrs / d_settings.bits_per_symbol;
    if (n_symbols == 0)
        return 0;
    if (d_settings.fixed_length)
        return (n_symbols * (d_settings.bits_per_symbol + 4 + fixed_csi_bits) + 7) / 8;
    return range_encoder::max_bytes(3 * n_symbols + 1);
}

void iq_csi_codec::reserve(std::size_t n_llrs)
{
    const std::size_t n_symbols = n_llrs / d_settings.bits_per_symbol;
    if (n_symbols <= d_csi.size())
        return;
    d_iq.resize(2 * n_symbols);
    d_gain_to_noise.resize(n_symbols);
    d_csi.resize(n_symbols);
}

std::size_t
iq_csi_codec::encode(const float* llrs, std::size_t n_llrs, std::uint8_t* body) noexcept
{
    const std::size_t n_symbols = n_llrs / d_settings.bits_per_symbol;
    if (n_llrs % d_settings.bits_per_symbol != 0 || n_symbols > d_csi.size())
        return 0;
    d_inverse.invert(llrs, n_symbols, d_iq.data(), d_gain_to_noise.data());
    // An array of complex numbers is one of pairs (C++17, 29.5).
    return encode_symbols(reinterpret_cast<const std::complex<float>*>(d_iq.data()),
                          d_gain_to_noise.data(),
                          n_symbols,
                          body);
}

std::size_t iq_csi_codec::encode_symbols(const std::complex<float>* symbols,
                                         const float* gain_to_noise,
                                         std::size_t n_symbols,
                                         std::uint8_t* body) noexcept
{
    if (n_symbols == 0 || n_symbols > d_csi.size())
        return 0;
    for (std::size_t s = 0; s < n_symbols; s++)
        d_csi[s] = static_cast<std::uint16_t>(d_tables->csi_level(gain_to_noise[s]));
    const auto* iq = reinterpret_cast<const float*>(symbols);
    return d_settings.fixed_length ? encode_fixed(iq, n_symbols, body)
                                   : encode_range(iq, n_symbols, body);
}

std::size_t iq_csi_codec::encode_range(const float* iq,
                                       std::size_t n_symbols,
                                       std::uint8_t* body) noexcept
{
    const iq_csi_tables& t = *d_tables;
    const csi_model& changes = t.changes();
    const int largest_change = static_cast<int>(t.csi_levels()) - 1;
    const unsigned correlation = changes.best_correlation(d_csi.data(), n_symbols);

    range_encoder coder(body, range_encoder::max_bytes(3 * n_symbols + 1));
    coder.encode(t.correlation_cdf().data(), correlation);
    coder.encode(t.first_level_cdf().data(), d_csi[0]);
    int change = 0;
    for (std::size_t s = 0; s < n_symbols; s++) {
        const unsigned csi = d_csi[s];
        if (s > 0) {
            const std::int32_t* cdf =
                changes.cdf(correlation, csi_model::context(change));
            change = static_cast<int>(csi) - static_cast<int>(d_csi[s - 1]);
            coder.encode(cdf, static_cast<unsigned>(change + largest_change));
        }
        if (csi == 0)
            continue;
        for (int d = 0; d < 2; d++)
            coder.encode(t.cdf(csi), t.cell(csi, iq[2 * s + d]));
    }
    return coder.finish();
}

std::size_t iq_csi_codec::encode_fixed(const float* iq,
                                       std::size_t n_symbols,
                                       std::uint8_t* body) noexcept
{
    const unsigned cell_bits = d_settings.bits_per_symbol / 2 + 2;
    bit_writer out(body);
    for (std::size_t s = 0; s < n_symbols; s++) {
        out.put(d_csi[s], fixed_csi_bits);
        for (int d = 0; d < 2; d++)
            out.put(d_tables->cell(d_csi[s], iq[2 * s + d]), cell_bits);
    }
    out.finish();
    return max_body_bytes(n_symbols * d_settings.bits_per_symbol);
}

bool iq_csi_codec::decode(const std::uint8_t* body,
                          std::size_t n_bytes,
                          float* llrs,
                          std::size_t n_llrs) noexcept
{
    if (n_llrs == 0)
        return n_bytes == 0;
    const std::size_t n_symbols = n_llrs / d_settings.bits_per_symbol;
    bool sound = n_bytes > 0 && n_llrs % d_settings.bits_per_symbol == 0;
    if (sound && d_settings.fixed_length) {
        sound = n_bytes == max_body_bytes(n_llrs);
        if (sound)
            decode_fixed(body, llrs, n_symbols);
    } else if (sound) {
        sound = decode_range(body, n_bytes, llrs, n_symbols);
    }
    if (!sound)
        std::fill_n(llrs, n_llrs, 0.0f);
    return sound;
}

bool iq_csi_codec::decode_range(const std::uint8_t* body,
                                std::size_t n_bytes,
                                float* llrs,
                                std::size_t n_symbols) const noexcept
{
    const iq_csi_tables& t = *d_tables;
    const csi_model& changes = t.changes();
    const unsigned bits = d_settings.bits_per_symbol / 2;
    const int highest = static_cast<int>(t.csi_levels()) - 1;

    range_decoder coder(body, n_bytes);
    const unsigned correlation =
        coder.decode(t.correlation_cdf().data(), csi_model::correlations);
    int csi = static_cast<int>(coder.decode(t.first_level_cdf().data(), t.csi_levels()));
    int change = 0;
    for (std::size_t s = 0; s < n_symbols; s++, llrs += 2 * bits) {
        if (s > 0) {
            const unsigned symbol = coder.decode(
                changes.cdf(correlation, csi_model::context(change)), changes.symbols());
            change = static_cast<int>(symbol) - highest;
            csi += change;
            if (csi < 0 || csi > highest)
                return false;
        }
        const auto level = static_cast<unsigned>(csi);
        for (unsigned d = 0; d < 2; d++) {
            const unsigned cell =
                level == 0 ? 0 : coder.decode(t.cdf(level), t.cells(level));
            const float* decoded = t.llrs(level, cell);
            for (unsigned b = 0; b < bits; b++)
                llrs[2 * b + d] = decoded[b];
        }
    }
    return coder.encoded_bytes() == n_bytes;
}

void iq_csi_codec::decode_fixed(const std::uint8_t* body,
                                float* llrs,
                                std::size_t n_symbols) const noexcept
{
    const unsigned bits = d_settings.bits_per_symbol / 2;
    bit_reader in(body);
    for (std::size_t s = 0; s < n_symbols; s++, llrs += 2 * bits) {
        const unsigned csi = in.get(fixed_csi_bits);
        for (unsigned d = 0; d < 2; d++) {
            const unsigned cell = in.get(bits + 2);
            const float* decoded = d_tables->llrs(csi, csi == 0 ? 0 : cell);
            for (unsigned b = 0; b < bits; b++)
                llrs[2 * b + d] = decoded[b];
        }
    }
}

std::unique_ptr<softbit_codec> iq_csi_codec::clone() const
{
    return std::make_unique<iq_csi_codec>(*this);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

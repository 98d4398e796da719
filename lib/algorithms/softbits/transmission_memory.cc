/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/softbits/transmission_memory.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

// A body's tag: which of the held codecs wrote it, and the redundancy version whose order
// it is in.
std::uint8_t make_tag(unsigned codec, unsigned rv)
{
    return static_cast<std::uint8_t>(codec << 2 | rv);
}
unsigned tag_codec(std::uint8_t tag) { return tag >> 2; }
unsigned tag_rv(std::uint8_t tag) { return tag & 3; }

} // namespace

transmission_memory::transmission_memory(std::size_t n_llrs,
                                         std::size_t budget_bytes,
                                         std::size_t places,
                                         std::uint64_t interleaver_seed,
                                         float largest_llr)
    : d_largest_llr(largest_llr),
      d_interleaver(n_llrs, interleaver_seed),
      d_arena(budget_bytes, places),
      d_symbols(n_llrs),
      d_ordered(n_llrs)
{
}

void transmission_memory::check(const softbit_codec& codec) const
{
    const std::size_t symbol = codec.llrs_per_symbol();
    if (symbol == 0 || n_llrs() % symbol != 0)
        throw std::invalid_argument(
            "harq_store: the codec " + codec.name() + " takes symbols of " +
            std::to_string(symbol) + " LLRs and a block has " + std::to_string(n_llrs()) +
            "; expected a multiple: choose a codec of the link's modulation");
    if (codec.max_body_bytes(n_llrs()) > body_arena::max_body_bytes)
        throw std::invalid_argument(
            "harq_store: a body of " + std::to_string(n_llrs()) + " LLRs by the codec " +
            codec.name() + " can be larger than 16 MiB; expected smaller blocks");
}

void transmission_memory::reserve_body(std::size_t bytes)
{
    d_body.resize(std::max(d_body.size(), bytes));
}

bool transmission_memory::is_written_by(std::size_t place, unsigned codec_index) const
{
    return holds(place) && tag_codec(d_arena.get(place).tag) == codec_index;
}

float transmission_memory::saturate(float llr) const
{
    if (std::isnan(llr))
        return 0.0f;
    return std::clamp(llr, -d_largest_llr, d_largest_llr);
}

// --- add up ---

void transmission_memory::add(const float* llrs, unsigned rv, float* codeword)
{
    d_interleaver.deinterleave(llrs, d_ordered.data(), rv);
    for (std::size_t i = 0; i < n_llrs(); ++i)
        codeword[i] = saturate(codeword[i] + saturate(d_ordered[i]));
}

bool transmission_memory::add_stored(std::size_t place, float* codeword)
{
    const auto body = d_arena.get(place);
    softbit_codec& writer = d_codecs.at(tag_codec(body.tag));
    if (!writer.decode(body.data, body.bytes, d_symbols.data(), n_llrs()))
        return false;
    add(d_symbols.data(), tag_rv(body.tag), codeword);
    return true;
}

// --- store ---

std::size_t transmission_memory::put(std::size_t place, unsigned rv, const float* llrs)
{
    std::transform(llrs, llrs + n_llrs(), d_symbols.begin(), [this](float llr) {
        return saturate(llr);
    });
    return put_symbols(place, rv);
}

std::size_t transmission_memory::put_codeword(std::size_t place, const float* codeword)
{
    d_interleaver.interleave(codeword, d_symbols.data(), 0);
    return put_symbols(place, 0);
}

std::size_t transmission_memory::put_symbols(std::size_t place, unsigned rv)
{
    const unsigned writer = d_codecs.writer();
    const std::size_t bytes =
        d_codecs.at(writer).encode(d_symbols.data(), n_llrs(), d_body.data());
    if (!d_arena.fits(place, bytes))
        return 0;
    erase(place);
    d_codecs.count_in(writer);
    d_arena.put(place, make_tag(writer, rv), d_body.data(), bytes);
    return body_arena::header_bytes + bytes;
}

void transmission_memory::erase(std::size_t place)
{
    if (!holds(place))
        return;
    d_codecs.count_out(tag_codec(d_arena.get(place).tag));
    d_arena.erase(place);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

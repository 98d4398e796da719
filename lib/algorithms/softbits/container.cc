/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/softbits/container.h>

#include <gnuradio/fewbit/algorithms/coding/crc32.h>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr std::uint8_t magic = 0xfb;
constexpr std::uint8_t format_count16 = 0x10;
constexpr std::uint8_t format_count32 = 0x11;
constexpr std::size_t id_at = 2;
constexpr std::size_t count_at = 6;
constexpr std::size_t crc_bytes = 4;

void put(std::uint8_t* out, std::uint32_t value, std::size_t n) noexcept
{
    for (std::size_t i = 0; i < n; ++i)
        out[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint32_t get(const std::uint8_t* in, std::size_t n) noexcept
{
    std::uint32_t value = 0;
    for (std::size_t i = n; i-- > 0;)
        value = (value << 8) | in[i];
    return value;
}

} // namespace

const char* to_text(container_reason reason) noexcept
{
    switch (reason) {
    case container_reason::ok:
        return "ok";
    case container_reason::too_short:
        return "too_short";
    case container_reason::bad_magic:
        return "bad_magic";
    case container_reason::bad_format:
        return "bad_format";
    case container_reason::bad_crc:
        return "bad_crc";
    case container_reason::wrong_codec:
        return "wrong_codec";
    case container_reason::bad_length:
        return "bad_length";
    }
    return "unknown";
}

std::size_t seal_container(std::uint8_t* container,
                           std::size_t body_bytes,
                           std::uint32_t codec_id,
                           std::uint32_t n_llrs) noexcept
{
    const std::size_t header = container_header_bytes(n_llrs);
    container[0] = magic;
    container[1] = n_llrs <= 0xffff ? format_count16 : format_count32;
    put(container + id_at, codec_id, 4);
    put(container + count_at, n_llrs, header - count_at);
    const std::size_t covered = header + body_bytes;
    put(container + covered, crc32(container, covered), crc_bytes);
    return covered + crc_bytes;
}

container_reason open_container(const std::uint8_t* container,
                                std::size_t n_bytes,
                                std::uint32_t codec_id,
                                std::uint32_t max_llrs,
                                container_parts& parts) noexcept
{
    parts = container_parts{};
    if (n_bytes < container_overhead_bytes(0))
        return container_reason::too_short;
    if (container[0] != magic)
        return container_reason::bad_magic;
    if (container[1] != format_count16 && container[1] != format_count32)
        return container_reason::bad_format;
    const std::size_t header = container[1] == format_count16 ? 8 : 10;
    if (n_bytes < header + crc_bytes)
        return container_reason::too_short;
    const std::size_t covered = n_bytes - crc_bytes;
    if (crc32(container, covered) != get(container + covered, crc_bytes))
        return container_reason::bad_crc;

    parts.codec_id = get(container + id_at, 4);
    parts.n_llrs = get(container + count_at, header - count_at);
    if (parts.codec_id != codec_id)
        return container_reason::wrong_codec;
    // Each packet has one form: a count that fits 16 bits is not written with 32.
    if (parts.n_llrs == 0 || parts.n_llrs > max_llrs ||
        container_header_bytes(parts.n_llrs) != header)
        return container_reason::bad_length;
    parts.body = container + header;
    parts.body_bytes = covered - header;
    return container_reason::ok;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

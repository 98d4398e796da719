/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/coding/crc32.h>

#include <array>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

// table[0][b] is the register after byte b alone; table[k][b] after byte b and k zero
// bytes, so that eight bytes are eight independent look-ups ("slicing by eight").
using slices = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr slices make_slices()
{
    slices table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320u : 0u); // 04C11DB7h, reflected
        table[0][byte] = crc;
    }
    for (std::size_t k = 1; k < 8; ++k)
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t crc = table[k - 1][byte];
            table[k][byte] = (crc >> 8) ^ table[0][crc & 0xFF];
        }
    return table;
}

constexpr slices table = make_slices();

// Little-endian whatever the machine is.
std::uint32_t load_32(const std::uint8_t* p)
{
    return static_cast<std::uint32_t>(p[0]) | static_cast<std::uint32_t>(p[1]) << 8 |
           static_cast<std::uint32_t>(p[2]) << 16 |
           static_cast<std::uint32_t>(p[3]) << 24;
}

} // namespace

std::uint32_t crc32(const void* data, std::size_t n, std::uint32_t previous) noexcept
{
    const auto* p = static_cast<const std::uint8_t*>(data);
    std::uint32_t crc = ~previous;
    for (; n >= 8; n -= 8, p += 8) {
        const std::uint32_t a = crc ^ load_32(p);
        const std::uint32_t b = load_32(p + 4);
        crc = table[7][a & 0xFF] ^ table[6][(a >> 8) & 0xFF] ^
              table[5][(a >> 16) & 0xFF] ^ table[4][a >> 24] ^ table[3][b & 0xFF] ^
              table[2][(b >> 8) & 0xFF] ^ table[1][(b >> 16) & 0xFF] ^ table[0][b >> 24];
    }
    for (; n > 0; --n, ++p)
        crc = (crc >> 8) ^ table[0][(crc ^ *p) & 0xFF];
    return ~crc;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

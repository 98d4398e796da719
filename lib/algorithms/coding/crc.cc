/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/coding/crc.h>

#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

struct generator {
    const char* name;
    std::size_t width;
    std::uint32_t polynomial; // without its highest power
};

// TS 38.212, section 5.1
constexpr generator generators[] = {
    {"CRC-24A", 24, 0x864CFB},
    {"CRC-24B", 24, 0x800063},
    {"CRC-24C", 24, 0xB2B117},
    {"CRC-16", 16, 0x1021},
    {"CRC-11", 11, 0x621},
    {"CRC-6", 6, 0x21},
};

} // namespace

crc::crc(const std::string& name) : d_name(name)
{
    for (const auto& one : generators)
        if (name == one.name) {
            d_width = one.width;
            d_polynomial = one.polynomial << (32 - one.width);
            return;
        }
    std::string known;
    for (const auto& one : names())
        known += (known.empty() ? "" : ", ") + one;
    throw std::invalid_argument("crc: there is no CRC '" + name + "'; choose one of " +
                                known);
}

std::vector<std::string> crc::names()
{
    std::vector<std::string> all;
    for (const auto& one : generators)
        all.emplace_back(one.name);
    return all;
}

std::uint32_t crc::compute(const std::uint8_t* bits, std::size_t n) const noexcept
{
    // Long division, the remainder at the top of the register.
    std::uint32_t remainder = 0;
    for (std::size_t i = 0; i < n; ++i) {
        remainder ^= static_cast<std::uint32_t>(bits[i]) << 31;
        const std::uint32_t leads = -(remainder >> 31);
        remainder = (remainder << 1) ^ (leads & d_polynomial);
    }
    return remainder >> (32 - d_width);
}

void crc::append(const std::uint8_t* bits,
                 std::size_t n,
                 std::uint8_t* out) const noexcept
{
    const std::uint32_t parity = compute(bits, n);
    for (std::size_t i = 0; i < n; ++i)
        out[i] = bits[i] & 1;
    for (std::size_t i = 0; i < d_width; ++i)
        out[n + i] = (parity >> (d_width - 1 - i)) & 1;
}

bool crc::check(const std::uint8_t* bits, std::size_t n) const noexcept
{
    return n >= d_width && compute(bits, n) == 0; // the generator divides all of it
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

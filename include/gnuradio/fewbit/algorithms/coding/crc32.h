/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_CODING_CRC32_H
#define INCLUDED_FEWBIT_ALGORITHMS_CODING_CRC32_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <cstddef>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief CRC-32 of bytes, as in ISO 3309, Ethernet, gzip and zlib: guards bytes that
 * leave the process and names files by their content.
 *
 * Polynomial 04C11DB7h, bits reflected, register preset to and finally inverted with
 * FFFFFFFFh; the value for "123456789" is CBF43926h. About a byte per CPU cycle or better
 * (eight table look-ups for eight bytes). For the CRCs of unpacked bits, see crc.
 *
 * \param data any bytes; may be null when \p n is 0
 * \param n bytes to cover; with 0 the answer is \p previous
 * \param previous CRC-32 of the bytes before these, to go on with; 0 at the beginning, so
 * that crc32(b, n_b, crc32(a, n_a)) is the CRC-32 of a followed by b
 */
FEWBIT_ALGORITHMS_API std::uint32_t
crc32(const void* data, std::size_t n, std::uint32_t previous = 0) noexcept;

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_CODING_CRC32_H */

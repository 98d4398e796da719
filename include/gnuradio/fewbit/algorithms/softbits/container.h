/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_CONTAINER_H
#define INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_CONTAINER_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <cstddef>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace algorithms {

/*
 * The container: what a coded body wears when it leaves the process, in a PDU, a file or
 * a datagram. Integers are little endian.
 *
 *     offset  bytes  content
 *     0       1      FBh
 *     1       1      format: 10h with a count of 16 bits, 11h with one of 32
 *     2       4      softbit_codec::id() of the codec that wrote the body
 *     6       2, 4   LLR count of the packet; 4 bytes only where 2 do not hold it
 *     8, 10   n      the body
 *     8+n     4      CRC-32 of everything before it
 *
 * Twelve bytes for a packet of up to 65535 LLRs. The body's length is not written:
 * whatever carries the container knows its size, and the CRC-32 refuses any other. The
 * CRC-32 finds every burst of up to 32 bits; other damage and truncation pass with
 * probability 2^-32.
 */

//! Why a container is refused.
enum class container_reason : std::uint8_t {
    ok,
    too_short,   //!< no room for the header and the CRC-32
    bad_magic,   //!< not a container
    bad_format,  //!< a container of a version that this one does not know
    bad_crc,     //!< damaged or truncated
    wrong_codec, //!< sound, but written by another codec, or with other parameters
    bad_length,  //!< sound, but of more LLRs than the caller takes, or of none
};

//! The reason's name, as above, for counters and messages.
FEWBIT_ALGORITHMS_API const char* to_text(container_reason reason) noexcept;

//! A container's parts. They point into the container.
struct container_parts {
    std::uint32_t codec_id = 0;
    std::uint32_t n_llrs = 0;
    const std::uint8_t* body = nullptr;
    std::size_t body_bytes = 0;
};

//! Where the body of a packet of \p n_llrs LLRs begins.
constexpr std::size_t container_header_bytes(std::uint32_t n_llrs) noexcept
{
    return n_llrs <= 0xffff ? 8 : 10;
}

//! What the container adds to a body of \p n_llrs LLRs.
constexpr std::size_t container_overhead_bytes(std::uint32_t n_llrs) noexcept
{
    return container_header_bytes(n_llrs) + 4;
}

/*! \brief Write the header and the CRC-32 around a body that is in place already.
 *
 * The codec writes its body to \p container + container_header_bytes(n_llrs), and nothing
 * is copied.
 *
 * \param container has room for body_bytes + container_overhead_bytes(n_llrs)
 * \returns the container's size
 */
FEWBIT_ALGORITHMS_API std::size_t seal_container(std::uint8_t* container,
                                                 std::size_t body_bytes,
                                                 std::uint32_t codec_id,
                                                 std::uint32_t n_llrs) noexcept;

/*! \brief Check a container from outside, and find its parts.
 *
 * Reads nothing outside the \p n_bytes bytes, allocates nothing, throws nothing. The
 * checks are made in the order of container_reason.
 *
 * \param codec_id the codec that is to decode the body
 * \param max_llrs the most LLRs that the caller has room for
 * \param parts filled when the answer is ok; with wrong_codec or bad_length, its codec_id
 * and n_llrs are what the container says, and body is null
 */
FEWBIT_ALGORITHMS_API container_reason open_container(const std::uint8_t* container,
                                                      std::size_t n_bytes,
                                                      std::uint32_t codec_id,
                                                      std::uint32_t max_llrs,
                                                      container_parts& parts) noexcept;

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_CONTAINER_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_CODING_CRC_H
#define INCLUDED_FEWBIT_ALGORITHMS_CODING_CRC_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Cyclic redundancy check of a sequence of unpacked bits, as 3GPP TS 38.212,
 * section 5.1.
 *
 * The bits a_0 .. a_{n-1} and the parity bits p_0 .. p_{L-1} after them are the
 * coefficients, the highest power first, of a polynomial over GF(2) that the generator
 * polynomial divides. The register starts at 0 and nothing is inverted; so a sequence of
 * zeros has a CRC of zeros, and an all-zero word passes check(): whoever may receive
 * "nothing" as zeros must tell it apart (ldpc_decoder does).
 *
 * For the CRC-32 of bytes, see crc32().
 */
class FEWBIT_ALGORITHMS_API crc
{
public:
    /*! \brief A CRC of TS 38.212 by its name, one of names().
     *
     * | name | generator, highest power left out |
     * |-|-|
     * | `CRC-24A` | 864CFBh |
     * | `CRC-24B` | 800063h |
     * | `CRC-24C` | B2B117h |
     * | `CRC-16` | 1021h |
     * | `CRC-11` | 621h |
     * | `CRC-6` | 21h |
     *
     * \throws std::invalid_argument when there is no CRC of that name
     */
    explicit crc(const std::string& name = "CRC-24A");

    //! The names that the constructor knows.
    static std::vector<std::string> names();

    const std::string& name() const { return d_name; }
    //! L, the number of parity bits.
    std::size_t width() const { return d_width; }

    /*! \brief The parity bits of \p n bits, p_0 as the highest of width() bits.
     * \param bits one bit a byte; only the lowest bit counts
     * \param n any number; 0 gives 0 */
    std::uint32_t compute(const std::uint8_t* bits, std::size_t n) const noexcept;

    //! Write \p n bits and their width() parity bits to \p out, which may be \p bits
    //! itself.
    void
    append(const std::uint8_t* bits, std::size_t n, std::uint8_t* out) const noexcept;

    /*! \brief Whether the last width() of \p n bits are the CRC of those before.
     * \returns false when \p n is less than width() */
    bool check(const std::uint8_t* bits, std::size_t n) const noexcept;

private:
    std::string d_name;
    std::size_t d_width;
    std::uint32_t d_polynomial; // shifted up to bit 31, as the register is
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_CODING_CRC_H */

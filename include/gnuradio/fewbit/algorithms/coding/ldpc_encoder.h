/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_CODING_LDPC_ENCODER_H
#define INCLUDED_FEWBIT_ALGORITHMS_CODING_LDPC_ENCODER_H

#include <gnuradio/fewbit/algorithms/coding/ldpc_code.h>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Systematic encoder of any LDPC code whose parity part is invertible.
 *
 * With H = [A B], B square, the codeword of the information u is c = [u, B^-1 A u]. The
 * constructor inverts B over GF(2) once (milliseconds for n = 648); an encoded word then
 * costs one exclusive-or of packed parity words for each information bit that is 1.
 */
class FEWBIT_ALGORITHMS_API ldpc_encoder
{
public:
    /*! \throws std::invalid_argument when the last n - k columns of H are not invertible,
     * so that the code has no codeword for some information in its first k bits */
    explicit ldpc_encoder(const ldpc_code& code);

    const ldpc_code& code() const { return d_code; }

    /*! \brief Encode one word.
     *
     * \param information information_bits() bits, one a byte; only the lowest bit counts
     * \param codeword receives codeword_bits() bits, the information first; must not
     * overlap
     */
    void encode(const std::uint8_t* information, std::uint8_t* codeword) const noexcept;

private:
    ldpc_code d_code;
    std::size_t d_words; // of 64 parity bits
    std::vector<std::uint64_t>
        d_parity_of; // [information bit][word]: what that bit toggles
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_CODING_LDPC_ENCODER_H */

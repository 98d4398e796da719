/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_CODING_LDPC_DECODER_H
#define INCLUDED_FEWBIT_ALGORITHMS_CODING_LDPC_DECODER_H

#include <gnuradio/fewbit/algorithms/coding/ldpc_code.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

/*! \brief How an ldpc_decoder passes messages.
 *
 * - min_sum: layered offset min-sum on int8, for speed, the same bits on every processor.
 * An LLR is rounded to a multiple of ldpc_decoder::llr_step and cut at
 * ldpc_decoder::llr_limit; a message is the smallest magnitude less one step (J. Chen and
 * M. Fossorier, "Density evolution for two improved BP-based decoding algorithms", IEEE
 * Comm. Letters 6(5), 2002).
 * - sum_product: belief propagation in float with a flooding schedule, the textbook
 * reference; tens of times slower.
 */
enum class ldpc_algorithm { min_sum, sum_product };

/*! \brief "min-sum" or "sum-product".
 * \throws std::invalid_argument for any other text */
FEWBIT_ALGORITHMS_API ldpc_algorithm ldpc_algorithm_from_name(const std::string& name);

//! What a decoder did with a word.
struct ldpc_result {
    std::size_t iterations; //!< run; 0 when the LLRs' signs were a codeword as they came
    bool converged;         //!< ended in a codeword, with every bit decided
};

/*!
 * \brief Iterative decoder of quasi-cyclic LDPC codes.
 *
 * Takes the LLRs of a codeword (log P(b=1)/P(b=0), natural logarithm, positive = bit 1)
 * and passes messages until the hard decisions satisfy every check or max_iterations have
 * run.
 *
 * Special values: NaN counts as 0 (an erasure); infinities and huge values as the largest
 * magnitude that the algorithm has. A bit about which nothing is known in the end
 * (posterior exactly 0) is called 1 and the word counts as not converged: the all-zero
 * word is a codeword, and a CRC of all-zero bits is right, so that a packet of erasures
 * would otherwise pass.
 *
 * A decoder holds scratch memory: one object serves one thread at a time. decode()
 * neither allocates nor throws.
 */
class FEWBIT_ALGORITHMS_API ldpc_decoder
{
public:
    static constexpr float llr_step =
        0.4f; //!< min_sum: what one step of an int8 is worth
    static constexpr float llr_limit = 6.8f; //!< min_sum: larger LLRs count as this

    /*! \brief A decoder for \p code.
     * \param code what to decode
     * \param algorithm see ldpc_algorithm
     * \param max_iterations after which decoding gives up: 1..1000
     * \throws std::invalid_argument when max_iterations is out of range */
    explicit ldpc_decoder(const ldpc_code& code,
                          ldpc_algorithm algorithm = ldpc_algorithm::min_sum,
                          std::size_t max_iterations = 50);
    ~ldpc_decoder();
    ldpc_decoder(ldpc_decoder&&) noexcept;
    ldpc_decoder& operator=(ldpc_decoder&&) noexcept;

    const ldpc_code& code() const;
    ldpc_algorithm algorithm() const;
    std::size_t max_iterations() const;
    //! \throws std::invalid_argument when \p max_iterations is not in 1..1000
    void set_max_iterations(std::size_t max_iterations);

    /*! \brief Decode one word.
     *
     * \param llrs code().codeword_bits() LLRs
     * \param bits receives the code().information_bits() information bits, one a byte;
     * they are the best guess when the word did not converge
     */
    ldpc_result decode(const float* llrs, std::uint8_t* bits) noexcept;

private:
    struct implementation;
    std::unique_ptr<implementation> d_implementation;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_CODING_LDPC_DECODER_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_LDPC_DECODER_H
#define INCLUDED_FEWBIT_LDPC_DECODER_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/block.h>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace gr {
namespace fewbit {

/*!
 * \brief Decode every PDU of LLRs into the information bits of an LDPC codeword.
 * \ingroup fewbit
 *
 * \details
 * Message port \c pdus in: PDU of n float LLRs, log P(b=1)/P(b=0), positive = bit 1, in
 * codeword order. Message port \c pdus out: PDU of k uint8 bits, and in the metadata \c
 * ldpc_iterations (integer) and \c ldpc_converged (bool). Other metadata passes through.
 * A word that did not converge goes out too, as the decoder's best guess. k and n are the
 * code's; algorithms::ldpc_decoder tells what the algorithms do and what NaN and
 * infinities yield.
 */
class FEWBIT_API ldpc_decoder : virtual public gr::block
{
public:
    typedef std::shared_ptr<ldpc_decoder> sptr;

    /*!
     * \param code one of algorithms::ldpc_code::names()
     * \param algorithm "min-sum" (layered, int8, fast) or "sum-product" (float
     *        belief propagation, the reference)
     * \param max_iterations after which decoding gives up: 1..1000
     * \throws std::invalid_argument when one of them is not as said
     */
    static sptr make(const std::string& code = "802.11n-648-1/2",
                     const std::string& algorithm = "min-sum",
                     unsigned max_iterations = 50);

    //! \throws std::invalid_argument when \p max_iterations is not in 1..1000
    virtual void set_max_iterations(unsigned max_iterations) = 0;
    virtual unsigned max_iterations() const = 0;
    virtual std::size_t information_bits() const = 0; //!< k
    virtual std::size_t codeword_bits() const = 0;    //!< n

    /*! \brief How many PDUs were served (\c passed) and refused, by cause: \c not_a_pdu,
     * \c wrong_type, \c wrong_length; and \c not_converged, which are among the passed.
     *
     * A refused PDU is dropped; the first of each cause is logged. */
    virtual std::map<std::string, std::uint64_t> counters() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_LDPC_DECODER_H */

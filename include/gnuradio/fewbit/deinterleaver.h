/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_DEINTERLEAVER_H
#define INCLUDED_FEWBIT_DEINTERLEAVER_H

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
 * \brief Put the LLRs of every PDU from transmitted order back into codeword order.
 * \ingroup fewbit
 *
 * \details
 * Message port \c pdus in: PDU of n float LLRs, the redundancy version \c rv (integer
 * 0..3) in its metadata; 0 when it is absent. Message port \c pdus out: PDU of n float
 * LLRs. Metadata passes through. It undoes an interleaver of the same n and seed. In a
 * HARQ receiver the HARQ buffer does this itself; this block is for links without one.
 */
class FEWBIT_API deinterleaver : virtual public gr::block
{
public:
    typedef std::shared_ptr<deinterleaver> sptr;

    /*!
     * \param n bits of a codeword
     * \param seed draws the permutation; the sender's must be equal
     * \throws std::invalid_argument when n is 0 or more than 2^20
     */
    static sptr make(std::size_t n = 648, std::uint64_t seed = 1);

    /*! \brief How many PDUs were served (\c passed) and refused, by cause: \c not_a_pdu,
     * \c wrong_type, \c wrong_length, \c bad_rv.
     *
     * A refused PDU is dropped; the first of each cause is logged. */
    virtual std::map<std::string, std::uint64_t> counters() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_DEINTERLEAVER_H */

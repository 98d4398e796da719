/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_LDPC_ENCODER_H
#define INCLUDED_FEWBIT_LDPC_ENCODER_H

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
 * \brief Encode every PDU of information bits into an LDPC codeword.
 * \ingroup fewbit
 *
 * \details
 * Message port \c pdus in: PDU of k uint8 bits. Message port \c pdus out: PDU of n uint8
 * bits, the information first. Metadata passes through. k and n are the code's.
 */
class FEWBIT_API ldpc_encoder : virtual public gr::block
{
public:
    typedef std::shared_ptr<ldpc_encoder> sptr;

    /*!
     * \param code one of algorithms::ldpc_code::names()
     * \throws std::invalid_argument when there is no code of that name
     */
    static sptr make(const std::string& code = "802.11n-648-1/2");

    virtual std::size_t information_bits() const = 0; //!< k
    virtual std::size_t codeword_bits() const = 0;    //!< n

    /*! \brief How many PDUs were served (\c passed) and refused, by cause: \c not_a_pdu,
     * \c wrong_type, \c wrong_length.
     *
     * A refused PDU is dropped; the first of each cause is logged. */
    virtual std::map<std::string, std::uint64_t> counters() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_LDPC_ENCODER_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_CRC_APPEND_H
#define INCLUDED_FEWBIT_CRC_APPEND_H

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
 * \brief Append a CRC to every PDU of bits.
 * \ingroup fewbit
 *
 * \details
 * Message port \c pdus in: PDU of uint8 bits, any number of them. Message port \c pdus
 * out: the same PDU with the CRC's bits behind. Metadata passes through.
 *
 * The arithmetic is that of algorithms::crc, which lists the names.
 */
class FEWBIT_API crc_append : virtual public gr::block
{
public:
    typedef std::shared_ptr<crc_append> sptr;

    /*!
     * \param crc one of algorithms::crc::names()
     * \throws std::invalid_argument when there is no CRC of that name
     */
    static sptr make(const std::string& crc = "CRC-24A");

    /*! \brief How many PDUs were served (\c passed) and refused, by cause: \c not_a_pdu,
     * \c wrong_type.
     *
     * A refused PDU is dropped; the first of each cause is logged. */
    virtual std::map<std::string, std::uint64_t> counters() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_CRC_APPEND_H */

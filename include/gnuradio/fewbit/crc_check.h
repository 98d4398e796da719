/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_CRC_CHECK_H
#define INCLUDED_FEWBIT_CRC_CHECK_H

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
 * \brief Check and remove the CRC of every PDU of bits.
 * \ingroup fewbit
 *
 * \details
 * Message port \c pdus in: PDU of uint8 bits with a CRC behind. Message port \c pdus out:
 * the bits without the CRC, and in the metadata \c crc_ok (bool), which replaces one that
 * was there. Other metadata passes through. A PDU whose CRC is wrong goes out too, with
 * \c crc_ok false, unless \p drop_failed says otherwise: a HARQ receiver must hear of
 * failures.
 *
 * A word of zeros has a CRC of zeros and passes; algorithms::crc says why that matters.
 */
class FEWBIT_API crc_check : virtual public gr::block
{
public:
    typedef std::shared_ptr<crc_check> sptr;

    /*!
     * \param crc one of algorithms::crc::names()
     * \param drop_failed whether PDUs with a wrong CRC are dropped (and counted)
     * \throws std::invalid_argument when there is no CRC of that name
     */
    static sptr make(const std::string& crc = "CRC-24A", bool drop_failed = false);

    virtual void set_drop_failed(bool drop_failed) = 0;
    virtual bool drop_failed() const = 0;

    /*! \brief How many PDUs were served (\c passed) and refused, by cause: \c not_a_pdu,
     * \c wrong_type, \c wrong_length (shorter than the CRC); and \c failed, with a wrong
     * CRC, which are among the passed.
     *
     * A refused PDU is dropped; the first of each cause is logged. */
    virtual std::map<std::string, std::uint64_t> counters() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_CRC_CHECK_H */

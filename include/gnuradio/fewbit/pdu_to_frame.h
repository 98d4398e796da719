/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_PDU_TO_FRAME_H
#define INCLUDED_FEWBIT_PDU_TO_FRAME_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/sync_block.h>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace gr {
namespace fewbit {

/*!
 * \brief Turn every PDU into one item of a stream.
 * \ingroup fewbit
 *
 * \details
 * Message port \c pdus in: PDU of vlen items. Output: its vector as one item, with the
 * PDU's dict as stream tag \c pdu_meta on it. Order is kept and none is lost: what the
 * stream cannot take yet waits here, without a limit. Without PDUs the block sleeps. A
 * message that is no such PDU is dropped, counted and, the first of each cause, logged.
 */
class FEWBIT_API pdu_to_frame : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<pdu_to_frame> sptr;

    /*!
     * \param type of the items: "byte", "float" or "complex"
     * \param vlen items of a frame, at least 1
     * \throws std::invalid_argument when one of them is not as said
     */
    static sptr make(const std::string& type = "byte", std::size_t vlen = 648);

    //! PDUs by outcome: \c passed, and refused: \c not_a_pdu, \c wrong_type, \c
    //! wrong_length.
    virtual std::map<std::string, std::uint64_t> counters() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_PDU_TO_FRAME_H */

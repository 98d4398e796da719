/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_FRAME_TO_PDU_H
#define INCLUDED_FEWBIT_FRAME_TO_PDU_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/sync_block.h>
#include <cstddef>
#include <memory>
#include <string>

namespace gr {
namespace fewbit {

/*!
 * \brief Turn every item of a stream into a PDU.
 * \ingroup fewbit
 *
 * \details
 * Input: items of vlen bytes, floats or complex numbers. Message port \c pdus out: each
 * as the vector of a PDU, whose dict is that of the item's stream tag \c pdu_meta (the
 * last of several), or empty where there is none or it is not a dict. The reverse of
 * pdu_to_frame.
 */
class FEWBIT_API frame_to_pdu : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<frame_to_pdu> sptr;

    /*!
     * \param type of the items: "byte", "float" or "complex"
     * \param vlen items of a frame, at least 1
     * \throws std::invalid_argument when one of them is not as said
     */
    static sptr make(const std::string& type = "float", std::size_t vlen = 648);
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_FRAME_TO_PDU_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_PDU_TO_FRAME_IMPL_H
#define INCLUDED_FEWBIT_PDU_TO_FRAME_IMPL_H

#include "blocks/frame_item.h"
#include "blocks/pdu_gate.h"
#include <gnuradio/fewbit/pdu_to_frame.h>
#include <deque>

namespace gr {
namespace fewbit {

class pdu_to_frame_impl : public pdu_to_frame
{
public:
    pdu_to_frame_impl(frame_item type, std::size_t vlen);

    std::map<std::string, std::uint64_t> counters() const override
    {
        return d_gate.counters();
    }

    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    void wait_for_message();
    bool unpack(const pmt::pmt_t& message, void* frame);
    template <typename T>
    bool unpack_as(const pmt::pmt_t& message, void* frame);

    const frame_item d_type;
    const std::size_t d_vlen;
    const std::size_t d_frame_bytes;
    pdu_gate d_gate;
    // Filled and emptied by the block's own thread alone: message handlers run between
    // works.
    std::deque<pmt::pmt_t> d_waiting;
    const pmt::pmt_t d_port = pmt::mp("pdus");
    const pmt::pmt_t d_key = pmt::mp("pdu_meta");
    pmt::pmt_t d_source; // of the tags
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_PDU_TO_FRAME_IMPL_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_FRAME_TO_PDU_IMPL_H
#define INCLUDED_FEWBIT_FRAME_TO_PDU_IMPL_H

#include "blocks/frame_item.h"
#include <gnuradio/fewbit/frame_to_pdu.h>
#include <vector>

namespace gr {
namespace fewbit {

class frame_to_pdu_impl : public frame_to_pdu
{
public:
    frame_to_pdu_impl(frame_item type, std::size_t vlen);

    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    pmt::pmt_t vector_of(const void* frame) const;

    const frame_item d_type;
    const std::size_t d_vlen;
    const std::size_t d_frame_bytes;
    std::vector<gr::tag_t> d_tags;
    const pmt::pmt_t d_port = pmt::mp("pdus");
    const pmt::pmt_t d_key = pmt::mp("pdu_meta");
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_FRAME_TO_PDU_IMPL_H */

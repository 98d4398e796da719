/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/frame_to_pdu_impl.h"

#include <gnuradio/io_signature.h>
#include <algorithm>

namespace gr {
namespace fewbit {

frame_to_pdu::sptr frame_to_pdu::make(const std::string& type, std::size_t vlen)
{
    return gnuradio::make_block_sptr<frame_to_pdu_impl>(frame_item_from_name(type), vlen);
}

frame_to_pdu_impl::frame_to_pdu_impl(frame_item type, std::size_t vlen)
    : gr::sync_block("frame_to_pdu",
                     gr::io_signature::make(1, 1, frame_bytes(type, vlen)),
                     gr::io_signature::make(0, 0, 0)),
      d_type(type),
      d_vlen(vlen),
      d_frame_bytes(static_cast<std::size_t>(frame_bytes(type, vlen)))
{
    message_port_register_out(d_port);
}

pmt::pmt_t frame_to_pdu_impl::vector_of(const void* frame) const
{
    switch (d_type) {
    case frame_item::byte:
        return pmt::init_u8vector(d_vlen, static_cast<const std::uint8_t*>(frame));
    case frame_item::floating:
        return pmt::init_f32vector(d_vlen, static_cast<const float*>(frame));
    default:
        return pmt::init_c32vector(d_vlen, static_cast<const gr_complex*>(frame));
    }
}

int frame_to_pdu_impl::work(int noutput_items,
                            gr_vector_const_void_star& input_items,
                            gr_vector_void_star&)
{
    const auto* in = static_cast<const std::uint8_t*>(input_items[0]);
    const auto n = static_cast<std::uint64_t>(noutput_items);
    get_tags_in_window(d_tags, 0, 0, n, d_key);
    std::stable_sort(d_tags.begin(), d_tags.end(), gr::tag_t::offset_compare);
    auto tag = d_tags.begin();
    for (std::uint64_t item = 0; item < n; ++item, in += d_frame_bytes) {
        pmt::pmt_t meta = pmt::make_dict();
        for (; tag != d_tags.end() && tag->offset <= nitems_read(0) + item; ++tag)
            if (pmt::is_dict(tag->value))
                meta = tag->value;
        message_port_pub(d_port, pmt::cons(meta, vector_of(in)));
    }
    return noutput_items;
}

} // namespace fewbit
} // namespace gr

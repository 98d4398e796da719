/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/pdu_to_frame_impl.h"

#include <gnuradio/block_detail.h>
#include <gnuradio/io_signature.h>
#include <gnuradio/thread/thread.h>
#include <boost/date_time/posix_time/posix_time_types.hpp>
#include <cstring>

namespace gr {
namespace fewbit {

namespace {

// A message or a stop wakes the block earlier; this is for what the scheduler does not
// tell.
const boost::posix_time::milliseconds longest_sleep(50);

} // namespace

pdu_to_frame::sptr pdu_to_frame::make(const std::string& type, std::size_t vlen)
{
    return gnuradio::make_block_sptr<pdu_to_frame_impl>(frame_item_from_name(type), vlen);
}

pdu_to_frame_impl::pdu_to_frame_impl(frame_item type, std::size_t vlen)
    : gr::sync_block("pdu_to_frame",
                     gr::io_signature::make(0, 0, 0),
                     gr::io_signature::make(1, 1, frame_bytes(type, vlen))),
      d_type(type),
      d_vlen(vlen),
      d_frame_bytes(static_cast<std::size_t>(frame_bytes(type, vlen))),
      d_gate(d_logger),
      d_source(alias_pmt())
{
    message_port_register_in(d_port);
    // A port with a handler never loses messages; one without is pruned by the scheduler.
    set_msg_handler(d_port,
                    [this](const pmt::pmt_t& message) { d_waiting.push_back(message); });
}

// Sleep until a message is posted. The handler has it by the next work().
void pdu_to_frame_impl::wait_for_message()
{
    auto& scheduler = detail()->d_tpb;
    gr::thread::scoped_lock guard(scheduler.mutex);
    if (!scheduler.input_changed) // what posting a message sets, under the same mutex
        scheduler.input_cond.timed_wait(guard, longest_sleep);
}

template <typename T>
bool pdu_to_frame_impl::unpack_as(const pmt::pmt_t& message, void* frame)
{
    pdu_view<T> view;
    if (!d_gate.open(message, d_vlen, view))
        return false;
    std::memcpy(frame, view.items, d_frame_bytes);
    d_gate.pass();
    return true;
}

bool pdu_to_frame_impl::unpack(const pmt::pmt_t& message, void* frame)
{
    switch (d_type) {
    case frame_item::byte:
        return unpack_as<std::uint8_t>(message, frame);
    case frame_item::floating:
        return unpack_as<float>(message, frame);
    default:
        return unpack_as<gr_complex>(message, frame);
    }
}

int pdu_to_frame_impl::work(int noutput_items,
                            gr_vector_const_void_star&,
                            gr_vector_void_star& output_items)
{
    auto* out = static_cast<std::uint8_t*>(output_items[0]);
    int n = 0;
    if (d_waiting.empty())
        wait_for_message();
    for (; n < noutput_items && !d_waiting.empty(); d_waiting.pop_front()) {
        const pmt::pmt_t& message = d_waiting.front();
        if (!unpack(message, out))
            continue;
        add_item_tag(0,
                     nitems_written(0) + static_cast<std::uint64_t>(n),
                     d_key,
                     pmt::car(message),
                     d_source);
        out += d_frame_bytes;
        ++n;
    }
    return n;
}

} // namespace fewbit
} // namespace gr

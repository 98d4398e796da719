/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/crc_append_impl.h"

#include <gnuradio/io_signature.h>

namespace gr {
namespace fewbit {

crc_append::sptr crc_append::make(const std::string& crc)
{
    return gnuradio::make_block_sptr<crc_append_impl>(crc);
}

crc_append_impl::crc_append_impl(const std::string& crc)
    : gr::block("crc_append",
                gr::io_signature::make(0, 0, 0),
                gr::io_signature::make(0, 0, 0)),
      d_gate(d_logger),
      d_crc(crc)
{
    message_port_register_in(d_port);
    message_port_register_out(d_port);
    set_msg_handler(d_port, [this](const pmt::pmt_t& message) { handle(message); });
}

std::map<std::string, std::uint64_t> crc_append_impl::counters() const
{
    return d_gate.counters();
}

void crc_append_impl::handle(const pmt::pmt_t& message)
{
    pdu_view<std::uint8_t> bits;
    if (!d_gate.open_at_least(message, 0, bits))
        return;
    d_word.resize(bits.size + d_crc.width());
    d_crc.append(bits.items, bits.size, d_word.data());
    publish(bits.meta, pmt::init_u8vector(d_word.size(), d_word));
}

void crc_append_impl::publish(const pmt::pmt_t& meta, const pmt::pmt_t& items)
{
    d_gate.pass();
    message_port_pub(d_port, pmt::cons(meta, items));
}

} // namespace fewbit
} // namespace gr

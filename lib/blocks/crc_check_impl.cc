/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/crc_check_impl.h"

#include <gnuradio/io_signature.h>

namespace gr {
namespace fewbit {

crc_check::sptr crc_check::make(const std::string& crc, bool drop_failed)
{
    return gnuradio::make_block_sptr<crc_check_impl>(crc, drop_failed);
}

crc_check_impl::crc_check_impl(const std::string& crc, bool drop_failed)
    : gr::block("crc_check",
                gr::io_signature::make(0, 0, 0),
                gr::io_signature::make(0, 0, 0)),
      d_gate(d_logger),
      d_crc(crc),
      d_drop_failed(drop_failed)
{
    message_port_register_in(d_port);
    message_port_register_out(d_port);
    set_msg_handler(d_port, [this](const pmt::pmt_t& message) { handle(message); });
}

std::map<std::string, std::uint64_t> crc_check_impl::counters() const
{
    auto counters = d_gate.counters();
    counters["failed"] = d_failed;
    return counters;
}

void crc_check_impl::handle(const pmt::pmt_t& message)
{
    pdu_view<std::uint8_t> bits;
    if (!d_gate.open_at_least(message, d_crc.width(), bits))
        return;
    const bool is_right = d_crc.check(bits.items, bits.size);
    if (!is_right)
        ++d_failed;
    d_gate.pass();
    if (!is_right && d_drop_failed)
        return;
    message_port_pub(
        d_port,
        pmt::cons(pmt::dict_add(bits.meta, d_crc_ok, pmt::from_bool(is_right)),
                  pmt::init_u8vector(bits.size - d_crc.width(), bits.items)));
}

} // namespace fewbit
} // namespace gr

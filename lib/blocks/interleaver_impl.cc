/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/interleaver_impl.h"

#include <gnuradio/io_signature.h>

namespace gr {
namespace fewbit {

interleaver::sptr interleaver::make(std::size_t n, std::uint64_t seed)
{
    return gnuradio::make_block_sptr<interleaver_impl>(n, seed);
}

interleaver_impl::interleaver_impl(std::size_t n, std::uint64_t seed)
    : gr::block("interleaver",
                gr::io_signature::make(0, 0, 0),
                gr::io_signature::make(0, 0, 0)),
      d_gate(d_logger),
      d_interleaver(n, seed),
      d_bits(n)
{
    message_port_register_in(d_port);
    message_port_register_out(d_port);
    set_msg_handler(d_port, [this](const pmt::pmt_t& message) { handle(message); });
}

std::map<std::string, std::uint64_t> interleaver_impl::counters() const
{
    return d_gate.counters();
}

void interleaver_impl::handle(const pmt::pmt_t& message)
{
    pdu_view<std::uint8_t> bits;
    unsigned rv = 0;
    if (!d_gate.open(message, d_bits.size(), bits) ||
        !d_gate.redundancy_version(bits.meta, 0, rv))
        return;
    d_interleaver.interleave(bits.items, d_bits.data(), rv);
    publish(bits.meta, pmt::init_u8vector(d_bits.size(), d_bits));
}

void interleaver_impl::publish(const pmt::pmt_t& meta, const pmt::pmt_t& items)
{
    d_gate.pass();
    message_port_pub(d_port, pmt::cons(meta, items));
}

} // namespace fewbit
} // namespace gr

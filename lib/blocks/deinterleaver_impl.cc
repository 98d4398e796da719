/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/deinterleaver_impl.h"

#include <gnuradio/io_signature.h>

namespace gr {
namespace fewbit {

deinterleaver::sptr deinterleaver::make(std::size_t n, std::uint64_t seed)
{
    return gnuradio::make_block_sptr<deinterleaver_impl>(n, seed);
}

deinterleaver_impl::deinterleaver_impl(std::size_t n, std::uint64_t seed)
    : gr::block("deinterleaver",
                gr::io_signature::make(0, 0, 0),
                gr::io_signature::make(0, 0, 0)),
      d_gate(d_logger),
      d_interleaver(n, seed),
      d_llrs(n)
{
    message_port_register_in(d_port);
    message_port_register_out(d_port);
    set_msg_handler(d_port, [this](const pmt::pmt_t& message) { handle(message); });
}

std::map<std::string, std::uint64_t> deinterleaver_impl::counters() const
{
    return d_gate.counters();
}

void deinterleaver_impl::handle(const pmt::pmt_t& message)
{
    pdu_view<float> llrs;
    unsigned rv = 0;
    if (!d_gate.open(message, d_llrs.size(), llrs) ||
        !d_gate.redundancy_version(llrs.meta, 0, rv))
        return;
    d_interleaver.deinterleave(llrs.items, d_llrs.data(), rv);
    publish(llrs.meta, pmt::init_f32vector(d_llrs.size(), d_llrs));
}

void deinterleaver_impl::publish(const pmt::pmt_t& meta, const pmt::pmt_t& items)
{
    d_gate.pass();
    message_port_pub(d_port, pmt::cons(meta, items));
}

} // namespace fewbit
} // namespace gr

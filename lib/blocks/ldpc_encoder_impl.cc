/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/ldpc_encoder_impl.h"

#include <gnuradio/io_signature.h>

namespace gr {
namespace fewbit {

ldpc_encoder::sptr ldpc_encoder::make(const std::string& code)
{
    return gnuradio::make_block_sptr<ldpc_encoder_impl>(code);
}

ldpc_encoder_impl::ldpc_encoder_impl(const std::string& code)
    : gr::block("ldpc_encoder",
                gr::io_signature::make(0, 0, 0),
                gr::io_signature::make(0, 0, 0)),
      d_gate(d_logger),
      d_encoder(algorithms::ldpc_code::from_name(code)),
      d_codeword(d_encoder.code().codeword_bits())
{
    message_port_register_in(d_port);
    message_port_register_out(d_port);
    set_msg_handler(d_port, [this](const pmt::pmt_t& message) { handle(message); });
}

std::map<std::string, std::uint64_t> ldpc_encoder_impl::counters() const
{
    return d_gate.counters();
}

void ldpc_encoder_impl::handle(const pmt::pmt_t& message)
{
    pdu_view<std::uint8_t> bits;
    if (!d_gate.open(message, information_bits(), bits))
        return;
    d_encoder.encode(bits.items, d_codeword.data());
    publish(bits.meta, pmt::init_u8vector(d_codeword.size(), d_codeword));
}

void ldpc_encoder_impl::publish(const pmt::pmt_t& meta, const pmt::pmt_t& items)
{
    d_gate.pass();
    message_port_pub(d_port, pmt::cons(meta, items));
}

} // namespace fewbit
} // namespace gr

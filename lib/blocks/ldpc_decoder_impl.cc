/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/ldpc_decoder_impl.h"

#include <gnuradio/io_signature.h>

namespace gr {
namespace fewbit {

ldpc_decoder::sptr ldpc_decoder::make(const std::string& code,
                                      const std::string& algorithm,
                                      unsigned max_iterations)
{
    return gnuradio::make_block_sptr<ldpc_decoder_impl>(code, algorithm, max_iterations);
}

ldpc_decoder_impl::ldpc_decoder_impl(const std::string& code,
                                     const std::string& algorithm,
                                     unsigned max_iterations)
    : gr::block("ldpc_decoder",
                gr::io_signature::make(0, 0, 0),
                gr::io_signature::make(0, 0, 0)),
      d_gate(d_logger),
      d_decoder(algorithms::ldpc_code::from_name(code),
                algorithms::ldpc_algorithm_from_name(algorithm),
                max_iterations),
      d_bits(d_decoder.code().information_bits())
{
    message_port_register_in(d_port);
    message_port_register_out(d_port);
    set_msg_handler(d_port, [this](const pmt::pmt_t& message) { handle(message); });
}

void ldpc_decoder_impl::set_max_iterations(unsigned max_iterations)
{
    gr::thread::scoped_lock guard(d_decoder_mutex);
    d_decoder.set_max_iterations(max_iterations);
}

unsigned ldpc_decoder_impl::max_iterations() const
{
    gr::thread::scoped_lock guard(d_decoder_mutex);
    return static_cast<unsigned>(d_decoder.max_iterations());
}

std::map<std::string, std::uint64_t> ldpc_decoder_impl::counters() const
{
    auto counters = d_gate.counters();
    counters["not_converged"] = d_not_converged;
    return counters;
}

void ldpc_decoder_impl::handle(const pmt::pmt_t& message)
{
    pdu_view<float> llrs;
    if (!d_gate.open(message, codeword_bits(), llrs))
        return;
    algorithms::ldpc_result result;
    {
        gr::thread::scoped_lock guard(d_decoder_mutex);
        result = d_decoder.decode(llrs.items, d_bits.data());
    }
    if (!result.converged)
        ++d_not_converged;
    pmt::pmt_t meta = pmt::dict_add(
        llrs.meta, d_iterations, pmt::from_long(static_cast<long>(result.iterations)));
    meta = pmt::dict_add(meta, d_converged, pmt::from_bool(result.converged));
    publish(meta, pmt::init_u8vector(d_bits.size(), d_bits));
}

void ldpc_decoder_impl::publish(const pmt::pmt_t& meta, const pmt::pmt_t& items)
{
    d_gate.pass();
    message_port_pub(d_port, pmt::cons(meta, items));
}

} // namespace fewbit
} // namespace gr

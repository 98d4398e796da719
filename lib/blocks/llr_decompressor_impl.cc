/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/llr_decompressor_impl.h"

#include <gnuradio/fewbit/algorithms/softbits/container.h>
#include <gnuradio/io_signature.h>
#include <stdexcept>
#include <vector>

namespace gr {
namespace fewbit {

using algorithms::container_reason;

namespace {

// Causes of refusal: first ours, then the container's reasons in their order (ok left
// out).
enum cause : std::size_t { not_a_pdu, wrong_type, bad_body, of_the_container };

std::size_t cause_of(container_reason reason)
{
    return of_the_container + static_cast<std::size_t>(reason) - 1;
}

std::vector<std::string> cause_names()
{
    std::vector<std::string> names{"not_a_pdu", "wrong_type", "bad_body"};
    for (std::size_t reason = 1;
         reason <= static_cast<std::size_t>(container_reason::bad_length);
         reason++)
        names.emplace_back(algorithms::to_text(static_cast<container_reason>(reason)));
    return names;
}

} // namespace

llr_decompressor::sptr llr_decompressor::make(const std::string& codec, unsigned max_llrs)
{
    return gnuradio::make_block_sptr<llr_decompressor_impl>(codec, max_llrs);
}

llr_decompressor_impl::llr_decompressor_impl(const std::string& codec, unsigned max_llrs)
    : gr::block("llr_decompressor",
                gr::io_signature::make(0, 0, 0),
                gr::io_signature::make(0, 0, 0)),
      d_max_llrs(max_llrs),
      d_refused(d_logger, cause_names()),
      d_codec(algorithms::make_softbit_codec(codec))
{
    // A container claims its LLR count before its body can be judged, so this bounds what a
    // hostile one may make the block allocate.
    constexpr unsigned most_llrs = 1u << 24;
    if (max_llrs == 0 || max_llrs > most_llrs)
        throw std::invalid_argument("llr_decompressor: max_llrs is " +
                                    std::to_string(max_llrs) + ", expected 1 to " +
                                    std::to_string(most_llrs));
    message_port_register_in(d_port);
    message_port_register_out(d_port);
    message_port_register_out(d_refused_port);
    set_msg_handler(d_port, [this](const pmt::pmt_t& message) { handle(message); });
}

void llr_decompressor_impl::set_codec(const std::string& codec)
{
    auto made =
        algorithms::make_softbit_codec(codec); // may read a file: outside the lock
    std::lock_guard<std::mutex> lock(d_mutex);
    d_codec = std::move(made);
}

std::string llr_decompressor_impl::codec() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return d_codec->name();
}

std::map<std::string, std::uint64_t> llr_decompressor_impl::counters() const
{
    std::map<std::string, std::uint64_t> all;
    d_refused.add_to(all);
    all["passed"] = d_passed;
    return all;
}

void llr_decompressor_impl::handle(const pmt::pmt_t& message)
{
    if (!pmt::is_pdu(message)) {
        const pmt::pmt_t nothing = pmt::cons(pmt::make_dict(), pmt::make_u8vector(0, 0));
        return refuse(not_a_pdu,
                      "got a message that is not a pair of a dict and a vector",
                      nothing);
    }
    if (!pmt::is_u8vector(pmt::cdr(message)))
        return refuse(wrong_type, "got a PDU of another type than uint8", message);
    std::size_t bytes = 0;
    const std::uint8_t* container = pmt::u8vector_elements(pmt::cdr(message), bytes);
    std::size_t cause = 0;
    const pmt::pmt_t llrs = decompress(container, bytes, cause);
    if (pmt::is_null(llrs))
        return refuse(cause,
                      "cannot unpack a container of " + std::to_string(bytes) + " bytes",
                      message);
    d_passed++;
    message_port_pub(d_port, pmt::cons(pmt::car(message), llrs));
}

// The container's LLRs; or PMT_NIL, and why.
pmt::pmt_t llr_decompressor_impl::decompress(const std::uint8_t* container,
                                             std::size_t bytes,
                                             std::size_t& cause)
{
    std::lock_guard<std::mutex> lock(d_mutex);
    algorithms::container_parts parts;
    const container_reason reason =
        algorithms::open_container(container, bytes, d_codec->id(), d_max_llrs, parts);
    if (reason != container_reason::ok) {
        cause = cause_of(reason);
        return pmt::PMT_NIL;
    }
    cause = bad_body;
    const std::size_t n = parts.n_llrs;
    if (n % d_codec->llrs_per_symbol() != 0)
        return pmt::PMT_NIL;
    d_codec->reserve(n);
    // Decoded where it stays: the vector that is sent.
    const pmt::pmt_t llrs = pmt::make_f32vector(n, 0.0f);
    std::size_t size = 0;
    float* values = pmt::f32vector_writable_elements(llrs, size);
    return d_codec->decode(parts.body, parts.body_bytes, values, n) ? llrs : pmt::PMT_NIL;
}

void llr_decompressor_impl::refuse(std::size_t cause,
                                   const std::string& sentence,
                                   const pmt::pmt_t& message)
{
    d_refused.count(cause, sentence);
    const pmt::pmt_t meta =
        pmt::dict_add(pmt::car(message), d_reason_key, pmt::mp(d_refused.name(cause)));
    message_port_pub(d_refused_port, pmt::cons(meta, pmt::cdr(message)));
}

} // namespace fewbit
} // namespace gr

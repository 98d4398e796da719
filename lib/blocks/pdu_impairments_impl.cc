/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/pdu_impairments_impl.h"
#include <gnuradio/io_signature.h>
#include <gnuradio/xoroshiro128p.h>
#include "blocks/harq_metadata.h"
#include <stdexcept>

namespace gr {
namespace fewbit {

pdu_impairments::sptr pdu_impairments::make(double drop,
                                            double duplicate,
                                            double reorder,
                                            double corrupt,
                                            double truncate,
                                            std::uint64_t seed)
{
    return gnuradio::make_block_sptr<pdu_impairments_impl>(
        drop, duplicate, reorder, corrupt, truncate, seed);
}

pdu_impairments_impl::pdu_impairments_impl(double drop,
                                           double duplicate,
                                           double reorder,
                                           double corrupt,
                                           double truncate,
                                           std::uint64_t seed)
    : gr::block("pdu_impairments",
                gr::io_signature::make(0, 0, 0),
                gr::io_signature::make(0, 0, 0))
{
    set_drop(drop);
    set_duplicate(duplicate);
    set_reorder(reorder);
    set_corrupt(corrupt);
    set_truncate(truncate);
    xoroshiro128p_seed(d_random, seed);
    message_port_register_in(d_in_port);
    message_port_register_out(d_out_port);
    set_msg_handler(d_in_port, [this](const pmt::pmt_t& m) { handle(m); });
}

void pdu_impairments_impl::set(double& member, double probability, const char* name)
{
    if (!(probability >= 0.0 && probability <= 1.0))
        throw std::invalid_argument(std::string("pdu_impairments: ") + name + " is " +
                                    std::to_string(probability) +
                                    "; expected a probability, 0 to 1");
    std::lock_guard<std::mutex> lock(d_mutex);
    member = probability;
}

void pdu_impairments_impl::handle(const pmt::pmt_t& message)
{
    std::lock_guard<std::mutex> lock(d_mutex);
    ++d_n_in;
    // Every message takes the same number of draws, whatever becomes of it.
    const bool drop = happens(d_drop), corrupt = happens(d_corrupt),
               truncate = happens(d_truncate), reorder = happens(d_reorder),
               duplicate = happens(d_duplicate);
    if (drop) {
        ++d_n_dropped;
        return;
    }
    pmt::pmt_t left = corrupt ? corrupted(message) : message;
    left = truncate ? truncated(left) : left;
    if (duplicate) {
        ++d_n_duplicated;
        send(left);
    }
    if (reorder && !d_waiting) {
        ++d_n_reordered;
        d_waiting = left;
        return;
    }
    send(left);
    if (d_waiting) {
        send(d_waiting);
        d_waiting.reset();
    }
}

bool pdu_impairments_impl::happens(double probability)
{
    return static_cast<double>(xoroshiro128p_next(d_random) >> 11) * 0x1p-53 <
           probability;
}

std::size_t pdu_impairments_impl::pick(std::size_t n)
{
    return xoroshiro128p_next(d_random) % n; // n is far below 2^64: no bias to speak of
}

void pdu_impairments_impl::send(const pmt::pmt_t& message)
{
    ++d_n_out;
    message_port_pub(d_out_port, message);
}

pmt::pmt_t pdu_impairments_impl::corrupted(const pmt::pmt_t& message)
{
    if (pmt::is_pdu(message) && pmt::length(pmt::cdr(message)) > 0) {
        // Through its serial form: pmt's one deep copy for every type of vector.
        const pmt::pmt_t copy =
            pmt::deserialize_str(pmt::serialize_str(pmt::cdr(message)));
        std::size_t n_bytes;
        auto* bytes = static_cast<std::uint8_t*>(
            pmt::uniform_vector_writable_elements(copy, n_bytes));
        const std::size_t byte = pick(n_bytes);
        const std::size_t bit = pick(8);
        bytes[byte] ^= pmt::is_u8vector(copy) ? 1 : 1 << bit;
        ++d_n_corrupted;
        return pmt::cons(pmt::car(message), copy);
    }
    if (pmt::is_dict(message) && !pmt::is_null(message)) { // null is the empty dict
        const pmt::pmt_t keys = pmt::dict_keys(message);
        const pmt::pmt_t key = pmt::nth(pick(pmt::length(keys)), keys);
        ++d_n_corrupted;
        return pmt::dict_add(message, key, pmt::mp("corrupted"));
    }
    return message;
}

pmt::pmt_t pdu_impairments_impl::truncated(const pmt::pmt_t& message)
{
    if (!pmt::is_pdu(message) || pmt::length(pmt::cdr(message)) == 0)
        return message;
    const pmt::pmt_t vector = pmt::cdr(message);
    std::size_t n;
    pmt::pmt_t shorter;
    if (pmt::is_u8vector(vector)) {
        const std::uint8_t* elements = pmt::u8vector_elements(vector, n);
        shorter = pmt::init_u8vector(n - 1, elements);
    } else if (pmt::is_f32vector(vector)) {
        const float* elements = pmt::f32vector_elements(vector, n);
        shorter = pmt::init_f32vector(n - 1, elements);
    } else
        return message;
    ++d_n_truncated;
    return pmt::cons(pmt::car(message), shorter);
}

std::map<std::string, std::uint64_t> pdu_impairments_impl::counters() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return {{"in", d_n_in},
            {"out", d_n_out},
            {"dropped", d_n_dropped},
            {"duplicated", d_n_duplicated},
            {"reordered", d_n_reordered},
            {"corrupted", d_n_corrupted},
            {"truncated", d_n_truncated},
            {"waiting", d_waiting ? 1u : 0u}};
}

} // namespace fewbit
} // namespace gr

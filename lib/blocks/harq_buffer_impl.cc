/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/harq_buffer_impl.h"
#include <gnuradio/io_signature.h>
#include "blocks/harq_metadata.h"
#include <algorithm>
#include <stdexcept>

namespace gr {
namespace fewbit {

using algorithms::harq_combination;
using algorithms::harq_outcome;
using algorithms::harq_transmission;

harq_buffer::sptr harq_buffer::make(unsigned users,
                                    unsigned processes,
                                    unsigned n_llrs,
                                    const std::string& codec,
                                    std::uint64_t budget_bytes,
                                    const std::string& storage,
                                    std::uint64_t interleaver_seed,
                                    unsigned max_transmissions,
                                    unsigned max_pending,
                                    unsigned stats_every,
                                    double stream_rate)
{
    return gnuradio::make_block_sptr<harq_buffer_impl>(users,
                                                       processes,
                                                       n_llrs,
                                                       codec,
                                                       budget_bytes,
                                                       storage,
                                                       interleaver_seed,
                                                       max_transmissions,
                                                       max_pending,
                                                       stats_every,
                                                       stream_rate);
}

harq_buffer_impl::harq_buffer_impl(unsigned users,
                                   unsigned processes,
                                   unsigned n_llrs,
                                   const std::string& codec,
                                   std::uint64_t budget_bytes,
                                   const std::string& storage,
                                   std::uint64_t interleaver_seed,
                                   unsigned max_transmissions,
                                   unsigned max_pending,
                                   unsigned stats_every,
                                   double stream_rate)
    : gr::block("harq_buffer",
                gr::io_signature::make(0, 0, 0),
                gr::io_signature::make(0, 2, sizeof(float))),
      d_store(users,
              processes,
              n_llrs,
              algorithms::make_softbit_codec(codec),
              budget_bytes,
              algorithms::harq_storage_mode(storage),
              interleaver_seed,
              max_transmissions),
      d_max_pending(max_pending > 0 ? max_pending : 2 * std::size_t{users} * processes),
      d_stats_every(stats_every),
      d_refused(d_logger, {"malformed", "malformed_verdicts"}),
      d_stream(stream_rate),
      d_delivered_blocks(std::size_t{users} * processes)
{
    message_port_register_in(d_llrs_port);
    message_port_register_in(d_decoded_port);
    for (const auto& port :
         {d_combined_port, d_feedback_port, d_delivered_port, d_stats_port})
        message_port_register_out(port);
    set_msg_handler(d_llrs_port, [this](const pmt::pmt_t& m) { handle_llrs(m); });
    set_msg_handler(d_decoded_port, [this](const pmt::pmt_t& m) { handle_decoded(m); });
}

// --- from the demapper ---

void harq_buffer_impl::handle_llrs(const pmt::pmt_t& message)
{
    std::lock_guard<std::mutex> lock(d_mutex);
    ++d_llrs;
    pending_transmission transmission;
    harq_transmission& tx = transmission.tx;
    if (!pmt::is_pdu(message) || !pmt::is_f32vector(pmt::cdr(message)) ||
        !read_transmission(pmt::car(message), tx))
        return refuse(malformed, "llrs");
    if (is_addressed(tx) && d_pending.contains(tx)) {
        ++d_in_decoding; // its verdict will answer this copy too
        return;
    }
    transmission.metadata = pmt::car(message);
    transmission.received = pmt::cdr(message);
    transmission.combined = pmt::make_f32vector(d_store.n_llrs(), 0.0f);
    std::size_t n_received, n_combined;
    const float* received = pmt::f32vector_elements(transmission.received, n_received);
    float* combined = pmt::f32vector_writable_elements(transmission.combined, n_combined);
    transmission.combination = d_store.combine(tx, received, n_received, combined);

    const harq_outcome outcome = transmission.combination.outcome;
    if (transmission.combination.usable() && outcome != harq_outcome::repeated)
        begin_decoding(std::move(transmission));
    else
        send_feedback(tx,
                      transmission.metadata,
                      outcome == harq_outcome::duplicate,
                      outcome_name(outcome),
                      outcome == harq_outcome::stale ? &transmission.combination
                                                     : nullptr);
    if (d_stats_every > 0 && d_llrs % d_stats_every == 0)
        publish_stats();
}

void harq_buffer_impl::begin_decoding(pending_transmission transmission)
{
    if (d_pending.size() >= d_max_pending) {
        ++d_undecoded;
        block_failed(d_pending.take_oldest(), "undecoded");
    }
    const auto pdu = pmt::cons(transmission.metadata, transmission.combined);
    d_pending.add(std::move(transmission));
    message_port_pub(d_combined_port, pdu);
}

// --- from the CRC check ---

void harq_buffer_impl::handle_decoded(const pmt::pmt_t& message)
{
    std::lock_guard<std::mutex> lock(d_mutex);
    ++d_verdicts;
    const pmt::pmt_t metadata = metadata_of(message);
    harq_transmission tx;
    bool crc_ok;
    if (!read_transmission(metadata, tx) || !is_addressed(tx) ||
        !read_bool(metadata, harq_keys::get().crc_ok, crc_ok))
        return refuse(malformed_verdicts, "decoded");
    pending_transmission decoded;
    const bool was_pending = d_pending.take(tx, decoded);
    if (crc_ok)
        block_passed(tx, message);
    else if (was_pending)
        block_failed(decoded, nullptr);
    else
        ++d_unmatched_verdicts;
}

void harq_buffer_impl::block_passed(const harq_transmission& tx,
                                    const pmt::pmt_t& message)
{
    const harq_outcome outcome = d_store.release(tx);
    // A stale block is one that the sender has given up and that decodes after all.
    delivered_blocks& delivered = delivered_of(tx);
    const bool is_first = outcome == harq_outcome::released ||
                          (outcome == harq_outcome::stale && !delivered.contains(tx.ndi));
    if (is_first) {
        ++d_delivered;
        delivered.add(tx.ndi);
        message_port_pub(d_delivered_port, message);
    }
    send_feedback(tx, metadata_of(message), true, outcome_name(outcome));
}

// Keeps what failed to decode. The outcome reported is the store's, or the caller's own
// reason.
void harq_buffer_impl::block_failed(const pending_transmission& failed,
                                    const char* reason)
{
    std::size_t n_received, n_combined;
    const float* received = pmt::f32vector_elements(failed.received, n_received);
    const float* combined = pmt::f32vector_elements(failed.combined, n_combined);
    const harq_outcome outcome =
        d_store.keep(failed.tx, received, n_received, combined, failed.combination);
    if (d_store.bodies() > 0)
        d_last_bits_per_llr = current_bits_per_llr();
    send_feedback(failed.tx,
                  failed.metadata,
                  outcome == harq_outcome::duplicate,
                  reason ? reason : outcome_name(outcome));
}

// --- to the sender and the plots ---

void harq_buffer_impl::send_feedback(const harq_transmission& tx,
                                     const pmt::pmt_t& metadata,
                                     bool ack,
                                     const char* outcome,
                                     const harq_combination* stale)
{
    const harq_keys& keys = harq_keys::get();
    pmt::pmt_t feedback = pmt::make_dict();
    const auto add = [&feedback](const pmt::pmt_t& key, const pmt::pmt_t& value) {
        feedback = pmt::dict_add(feedback, key, value);
    };
    add(keys.user, pmt::from_long(tx.user));
    add(keys.process, pmt::from_long(tx.process));
    add(keys.ndi, pmt::from_long(tx.ndi));
    add(keys.attempt, pmt::from_long(tx.attempt));
    add(keys.ack, pmt::from_bool(ack));
    add(keys.stored, pmt::from_bool(d_store.holds(tx)));
    add(keys.outcome, pmt::mp(outcome));
    if (stale)
        add(keys.newest_ndi, pmt::from_long(stale->newest_ndi));
    std::uint64_t packet_id;
    if (read_unsigned(metadata, keys.packet_id, ~std::uint64_t{0}, packet_id))
        add(keys.packet_id, pmt::from_uint64(packet_id));
    message_port_pub(d_feedback_port, feedback);
}

void harq_buffer_impl::publish_stats()
{
    pmt::pmt_t stats = to_pmt(current_counters());
    const auto add = [&stats](const char* key, const pmt::pmt_t& value) {
        stats = pmt::dict_add(stats, pmt::mp(key), value);
    };
    add("bytes_in_use", pmt::from_uint64(d_store.bytes_in_use()));
    add("peak_bytes", pmt::from_uint64(d_store.peak_bytes()));
    add("budget_bytes", pmt::from_uint64(d_store.budget_bytes()));
    add("bodies", pmt::from_uint64(d_store.bodies()));
    add("bits_per_llr", pmt::from_double(d_last_bits_per_llr));
    add("codec", pmt::mp(d_store.codec().name()));
    message_port_pub(d_stats_port, stats);
}

void harq_buffer_impl::refuse(cause why, const std::string& port)
{
    d_refused.count(why,
                    "got a message on port " + port +
                        " that lacks user, process, ndi, rv, attempt or what the port "
                        "needs beside them, or has a verdict on a transmission that "
                        "cannot be");
}

bool harq_buffer_impl::start()
{
    d_stream.start();
    return block::start();
}

int harq_buffer_impl::general_work(int noutput_items,
                                   gr_vector_int&,
                                   gr_vector_const_void_star&,
                                   gr_vector_void_star& output_items)
{
    const int items = d_stream.due(noutput_items);
    std::lock_guard<std::mutex> lock(d_mutex);
    const float values[2] = {static_cast<float>(d_store.bytes_in_use()),
                             static_cast<float>(d_last_bits_per_llr)};
    for (std::size_t i = 0; i < output_items.size(); ++i)
        std::fill_n(static_cast<float*>(output_items[i]), items, values[i]);
    return items;
}

// --- small things ---

bool harq_buffer_impl::delivered_blocks::contains(std::uint8_t wanted) const
{
    return std::find(ndi.begin(), ndi.begin() + count, wanted) != ndi.begin() + count;
}

void harq_buffer_impl::delivered_blocks::add(std::uint8_t delivered)
{
    ndi[next] = delivered;
    next = static_cast<std::uint8_t>((next + 1) % ndi.size());
    count = static_cast<std::uint8_t>(std::min<std::size_t>(count + 1, ndi.size()));
}

bool harq_buffer_impl::is_addressed(const harq_transmission& tx) const
{
    return tx.user < d_store.users() && tx.process < d_store.processes() && tx.rv <= 3 &&
           tx.attempt < algorithms::harq_store::max_attempts;
}

harq_buffer_impl::delivered_blocks&
harq_buffer_impl::delivered_of(const harq_transmission& tx)
{
    return d_delivered_blocks[std::size_t{tx.user} * d_store.processes() + tx.process];
}

double harq_buffer_impl::current_bits_per_llr() const
{
    return 8.0 * d_store.bytes_in_use() / (double(d_store.bodies()) * d_store.n_llrs());
}

std::map<std::string, std::uint64_t> harq_buffer_impl::current_counters() const
{
    auto named = by_name(d_store.counters());
    named["llrs"] = d_llrs;
    d_refused.add_to(named);
    named["in_decoding"] = d_in_decoding;
    named["verdicts"] = d_verdicts;
    named["unmatched_verdicts"] = d_unmatched_verdicts;
    named["undecoded"] = d_undecoded;
    named["delivered"] = d_delivered;
    named["codec_changes"] = d_codec_changes;
    named["pending"] = d_pending.size();
    return named;
}

void harq_buffer_impl::set_codec(const std::string& codec)
{
    auto made =
        algorithms::make_softbit_codec(codec); // may read a file: not under the lock
    std::lock_guard<std::mutex> lock(d_mutex);
    d_store.set_codec(std::move(made));
    ++d_codec_changes;
}

std::string harq_buffer_impl::codec() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return d_store.codec().name();
}

void harq_buffer_impl::forget(unsigned user)
{
    std::lock_guard<std::mutex> lock(d_mutex);
    d_store.forget(user);
    if (user >= d_store.users())
        return;
    const auto first = d_delivered_blocks.begin() +
                       static_cast<std::ptrdiff_t>(user) * d_store.processes();
    std::fill_n(first, d_store.processes(), delivered_blocks{});
}

std::map<std::string, std::uint64_t> harq_buffer_impl::counters() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return current_counters();
}

std::uint64_t harq_buffer_impl::bytes_in_use() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return d_store.bytes_in_use();
}

std::uint64_t harq_buffer_impl::peak_bytes() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return d_store.peak_bytes();
}

double harq_buffer_impl::bits_per_llr() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return d_last_bits_per_llr;
}

} // namespace fewbit
} // namespace gr

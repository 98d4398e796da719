/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/harq_transmitter_impl.h"
#include <gnuradio/io_signature.h>
#include <gnuradio/xoroshiro128p.h>
#include "blocks/harq_metadata.h"
#include <algorithm>
#include <stdexcept>

namespace gr {
namespace fewbit {

namespace {

constexpr std::size_t longest_queue = 4096;
constexpr unsigned most_attempts = 32;

void require(bool holds, const std::string& what)
{
    if (!holds)
        throw std::invalid_argument("harq_transmitter: " + what);
}

} // namespace

harq_transmitter::sptr harq_transmitter::make(unsigned users,
                                              unsigned processes,
                                              unsigned payload_bits,
                                              std::uint64_t n_packets,
                                              unsigned max_attempts,
                                              const std::vector<int>& rv_sequence,
                                              double timeout_ms,
                                              std::uint64_t seed,
                                              bool random)
{
    return gnuradio::make_block_sptr<harq_transmitter_impl>(users,
                                                            processes,
                                                            payload_bits,
                                                            n_packets,
                                                            max_attempts,
                                                            rv_sequence,
                                                            timeout_ms,
                                                            seed,
                                                            random);
}

harq_transmitter_impl::harq_transmitter_impl(unsigned users,
                                             unsigned processes,
                                             unsigned payload_bits,
                                             std::uint64_t n_packets,
                                             unsigned max_attempts,
                                             const std::vector<int>& rv_sequence,
                                             double timeout_ms,
                                             std::uint64_t seed,
                                             bool random)
    : gr::block("harq_transmitter",
                gr::io_signature::make(0, 0, 0),
                gr::io_signature::make(0, 0, 0)),
      d_n_processes(processes),
      d_payload_bits(payload_bits),
      d_random(random && payload_bits > 0),
      d_n_packets(n_packets),
      d_rv_sequence(rv_sequence),
      d_timeout(timeout_ms),
      d_seed(seed),
      d_refused(d_logger,
                {"malformed_payloads",
                 "wrong_length_payloads",
                 "refused_payloads",
                 "surplus_payloads",
                 "malformed_feedback"})
{
    require(users >= 1 && processes >= 1 && std::uint64_t{users} * processes <= 1u << 20,
            "there are " + std::to_string(users) + " users with " +
                std::to_string(processes) +
                " processes each; expected at least 1 of each and at most 2^20 together");
    require(!rv_sequence.empty() &&
                std::all_of(rv_sequence.begin(),
                            rv_sequence.end(),
                            [](int rv) { return rv >= 0 && rv <= 3; }),
            "rv_sequence is empty or holds a number outside 0 to 3; expected one like "
            "[0, 2, 3, 1]");
    require(timeout_ms >= 0 && timeout_ms <= 1e9,
            "timeout_ms is " + std::to_string(timeout_ms) +
                "; expected 0 (never) to 1e9 milliseconds");
    set_max_attempts(max_attempts);

    for (unsigned number = 0; number < processes;
         ++number) // a user's turn comes every users blocks
        for (unsigned user = 0; user < users; ++user)
            d_free.push_back(std::size_t{user} * processes + number);
    d_processes.resize(d_free.size());
    for (std::size_t i = 0; i < d_processes.size(); ++i) {
        d_processes[i].user = static_cast<unsigned>(i / processes);
        d_processes[i].number = static_cast<unsigned>(i % processes);
    }

    for (const auto& port : {d_payloads_port, d_feedback_port, d_tick_port})
        message_port_register_in(port);
    for (const auto& port : {d_pdus_port, d_refused_port, d_done_port})
        message_port_register_out(port);
    set_msg_handler(d_payloads_port, [this](const pmt::pmt_t& m) { handle_payload(m); });
    set_msg_handler(d_feedback_port, [this](const pmt::pmt_t& m) { handle_feedback(m); });
    set_msg_handler(d_tick_port, [this](const pmt::pmt_t& m) { handle_tick(m); });
}

bool harq_transmitter_impl::start()
{
    const auto tick = [this] {
        if (!d_tick_waits.exchange(true)) // a slow flowgraph does not pile up ticks
            _post(d_tick_port, pmt::PMT_NIL);
    };
    d_tick_waits = false;
    tick(); // the first blocks go out as soon as messages flow
    if (d_timeout.count() > 0)
        d_ticker.start(std::max<std::chrono::duration<double>>(
                           d_timeout / 4, std::chrono::milliseconds(1)),
                       tick);
    return block::start();
}

bool harq_transmitter_impl::stop()
{
    d_ticker.stop();
    return block::stop();
}

// --- what makes it act ---

void harq_transmitter_impl::handle_tick(const pmt::pmt_t&)
{
    d_tick_waits = false;
    std::lock_guard<std::mutex> lock(d_mutex);
    const auto now = clock::now();
    if (d_timeout.count() > 0)
        for (process& p : d_processes)
            if (p.busy && now >= p.deadline) {
                ++d_timeouts;
                retransmit_or_fail(p, false);
            }
    fill_free_processes();
}

void harq_transmitter_impl::handle_payload(const pmt::pmt_t& message)
{
    std::lock_guard<std::mutex> lock(d_mutex);
    if (!pmt::is_pdu(message) || !pmt::is_u8vector(pmt::cdr(message)))
        return d_refused.count(malformed_payloads,
                               "got a message on port payloads that is no PDU of uint8 "
                               "bits");
    if (!has_right_length(message) || !is_wanted(message) || !has_room(message))
        return;
    d_queue.push_back(message);
    fill_free_processes();
}

bool harq_transmitter_impl::has_right_length(const pmt::pmt_t& payload)
{
    const std::size_t bits = pmt::length(pmt::cdr(payload));
    if (d_payload_bits == 0 || bits == d_payload_bits)
        return true;
    d_refused.count(wrong_length_payloads,
                    "got a payload of " + std::to_string(bits) + " bits, expected " +
                        std::to_string(d_payload_bits));
    send_back(payload, "wrong_length");
    return false;
}

// Payloads go before random ones, so those that wait are sent as long as n_packets lasts.
bool harq_transmitter_impl::is_wanted(const pmt::pmt_t& payload)
{
    if (d_n_packets == 0 || d_sent + d_queue.size() < d_n_packets)
        return true;
    d_refused.count(surplus_payloads,
                    "got a payload beyond the " + std::to_string(d_n_packets) +
                        " blocks to send");
    send_back(payload, "surplus");
    return false;
}

bool harq_transmitter_impl::has_room(const pmt::pmt_t& payload)
{
    if (d_queue.size() < longest_queue)
        return true;
    d_refused.count(refused_payloads,
                    "got a payload where " + std::to_string(longest_queue) +
                        " wait already");
    send_back(payload, "queue_full");
    return false;
}

void harq_transmitter_impl::send_back(const pmt::pmt_t& payload, const char* reason)
{
    const pmt::pmt_t metadata = pmt::car(payload);
    message_port_pub(
        d_refused_port,
        pmt::cons(pmt::dict_add(pmt::is_dict(metadata) ? metadata : pmt::make_dict(),
                                d_reason_key,
                                pmt::mp(reason)),
                  pmt::cdr(payload)));
}

void harq_transmitter_impl::handle_feedback(const pmt::pmt_t& message)
{
    std::lock_guard<std::mutex> lock(d_mutex);
    const harq_keys& keys = harq_keys::get();
    const pmt::pmt_t feedback = metadata_of(message);
    ++d_feedback;
    std::uint64_t user, number, ndi;
    bool ack;
    if (!read_unsigned(
            feedback, keys.user, d_processes.size() / d_n_processes - 1, user) ||
        !read_unsigned(feedback, keys.process, d_n_processes - 1, number) ||
        !read_unsigned(feedback, keys.ndi, 255, ndi) ||
        !read_bool(feedback, keys.ack, ack))
        return d_refused.count(malformed_feedback,
                               "got feedback that lacks user, process, ndi or ack, or "
                               "names one that does not exist");
    process& p = d_processes[user * d_n_processes + number];
    if (!p.busy || p.ndi != ndi) {
        ++d_late_feedback;
        return;
    }
    apply_feedback(p, feedback, ack);
    fill_free_processes();
}

void harq_transmitter_impl::apply_feedback(process& p,
                                           const pmt::pmt_t& feedback,
                                           bool ack)
{
    const harq_keys& keys = harq_keys::get();
    if (ack) {
        end_block(p, d_acknowledged);
        return;
    }
    std::uint64_t attempt;
    if (read_unsigned(feedback, keys.attempt, ~std::uint64_t{0}, attempt) &&
        attempt != p.attempt) { // a newer transmission is under way
        ++d_late_feedback;
        return;
    }
    if (resynchronise(p, feedback))
        return;
    ++d_nacks;
    bool stored = true;
    read_bool(feedback, keys.stored, stored);
    retransmit_or_fail(p, !stored);
}

bool harq_transmitter_impl::resynchronise(process& p, const pmt::pmt_t& feedback)
{
    std::uint64_t newest;
    if (p.resynchronised ||
        !read_unsigned(feedback, harq_keys::get().newest_ndi, 255, newest))
        return false;
    ++d_resynchronised;
    p.resynchronised = true;
    p.ndi = static_cast<std::uint8_t>(newest + 1);
    p.attempt = 0;
    p.rv_index = 0;
    transmit(p);
    return true;
}

// --- what it does ---

void harq_transmitter_impl::fill_free_processes()
{
    while (!d_free.empty() && (d_n_packets == 0 || d_sent < d_n_packets)) {
        process& p = d_processes[d_free.front()];
        if (!next_payload(p))
            break;
        d_free.pop_front();
        p.packet_id = d_sent++;
        p.busy = true;
        p.resynchronised = false;
        p.attempt = 0;
        p.rv_index = 0;
        transmit(p);
    }
    if (is_complete() && !d_done_sent) {
        d_done_sent = true;
        message_port_pub(d_done_port, pmt::cons(pmt::mp("done"), pmt::from_long(1)));
    }
}

bool harq_transmitter_impl::next_payload(process& p)
{
    if (!d_queue.empty()) {
        p.metadata = pmt::car(d_queue.front());
        p.bits = pmt::cdr(d_queue.front());
        d_queue.pop_front();
        if (!pmt::is_dict(p.metadata))
            p.metadata = pmt::make_dict();
        return true;
    }
    if (!d_random)
        return false;
    p.metadata = pmt::make_dict();
    p.bits = random_bits(d_sent);
    return true;
}

pmt::pmt_t harq_transmitter_impl::random_bits(std::uint64_t packet_id) const
{
    // An odd multiplier keeps (seed, packet_id) pairs apart; seeding mixes the rest.
    std::uint64_t state[2];
    xoroshiro128p_seed(state, d_seed * 0x9e3779b97f4a7c15u + packet_id);
    pmt::pmt_t bits = pmt::make_u8vector(d_payload_bits, 0);
    std::size_t n;
    std::uint8_t* bit = pmt::u8vector_writable_elements(bits, n);
    for (std::size_t i = 0; i < n; ++i)
        bit[i] = static_cast<std::uint8_t>(xoroshiro128p_next(state) >> 63);
    return bits;
}

void harq_transmitter_impl::transmit(process& p)
{
    const harq_keys& keys = harq_keys::get();
    pmt::pmt_t metadata = p.metadata;
    const auto add = [&metadata](const pmt::pmt_t& key, const pmt::pmt_t& value) {
        metadata = pmt::dict_add(metadata, key, value);
    };
    add(keys.user, pmt::from_long(p.user));
    add(keys.process, pmt::from_long(p.number));
    add(keys.ndi, pmt::from_long(p.ndi));
    add(keys.rv, pmt::from_long(d_rv_sequence[p.rv_index % d_rv_sequence.size()]));
    add(keys.attempt, pmt::from_long(p.attempt));
    add(keys.packet_id, pmt::from_uint64(p.packet_id));
    p.deadline = clock::now() + std::chrono::duration_cast<clock::duration>(d_timeout);
    ++d_transmissions;
    message_port_pub(d_pdus_port, pmt::cons(metadata, p.bits));
}

void harq_transmitter_impl::retransmit_or_fail(process& p, bool restart_rv)
{
    if (p.attempt + 1 >= d_max_attempts) {
        end_block(p, d_failed);
        return;
    }
    ++p.attempt;
    p.rv_index = restart_rv ? 0 : p.rv_index + 1;
    transmit(p);
}

void harq_transmitter_impl::end_block(process& p, std::uint64_t& counter)
{
    ++counter;
    p.busy = false;
    p.bits = pmt::PMT_NIL;
    ++p.ndi; // modulo 256
    d_free.push_back(static_cast<std::size_t>(&p - d_processes.data()));
}

// --- small things ---

std::uint64_t harq_transmitter_impl::in_flight() const
{
    return d_processes.size() - d_free.size();
}

bool harq_transmitter_impl::is_complete() const
{
    return d_n_packets > 0 && d_sent == d_n_packets && in_flight() == 0;
}

bool harq_transmitter_impl::complete() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return is_complete();
}

std::map<std::string, std::uint64_t> harq_transmitter_impl::counters() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    std::map<std::string, std::uint64_t> all{{"sent", d_sent},
                                             {"acknowledged", d_acknowledged},
                                             {"failed", d_failed},
                                             {"in_flight", in_flight()},
                                             {"queued", d_queue.size()},
                                             {"transmissions", d_transmissions},
                                             {"nacks", d_nacks},
                                             {"timeouts", d_timeouts},
                                             {"feedback", d_feedback},
                                             {"late_feedback", d_late_feedback},
                                             {"resynchronised", d_resynchronised}};
    d_refused.add_to(all);
    return all;
}

void harq_transmitter_impl::set_max_attempts(unsigned max_attempts)
{
    require(max_attempts >= 1 && max_attempts <= most_attempts,
            "max_attempts is " + std::to_string(max_attempts) + "; expected 1 to " +
                std::to_string(most_attempts));
    std::lock_guard<std::mutex> lock(d_mutex);
    d_max_attempts = max_attempts;
}

unsigned harq_transmitter_impl::max_attempts() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return d_max_attempts;
}

} // namespace fewbit
} // namespace gr

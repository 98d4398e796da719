/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_HARQ_TRANSMITTER_IMPL_H
#define INCLUDED_FEWBIT_HARQ_TRANSMITTER_IMPL_H

#include <gnuradio/fewbit/harq_transmitter.h>
#include "blocks/refusals.h"
#include "blocks/ticker.h"
#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>

namespace gr {
namespace fewbit {

class harq_transmitter_impl : public harq_transmitter
{
public:
    harq_transmitter_impl(unsigned users,
                          unsigned processes,
                          unsigned payload_bits,
                          std::uint64_t n_packets,
                          unsigned max_attempts,
                          const std::vector<int>& rv_sequence,
                          double timeout_ms,
                          std::uint64_t seed,
                          bool random);

    std::map<std::string, std::uint64_t> counters() const override;
    bool complete() const override;
    void set_max_attempts(unsigned max_attempts) override;
    unsigned max_attempts() const override;

    bool start() override;
    bool stop() override;

private:
    using clock = std::chrono::steady_clock;

    struct process {
        unsigned user, number;
        std::uint8_t ndi = 0;
        bool busy = false;
        bool resynchronised = false; //!< this block has been given a newer ndi already
        unsigned attempt = 0;
        unsigned rv_index = 0; //!< of the latest transmission in d_rv_sequence
        std::uint64_t packet_id = 0;
        pmt::pmt_t metadata, bits;
        clock::time_point deadline;
    };

    void handle_payload(const pmt::pmt_t& message);
    bool has_right_length(const pmt::pmt_t& payload);
    bool is_wanted(const pmt::pmt_t& payload);
    bool has_room(const pmt::pmt_t& payload);
    void send_back(const pmt::pmt_t& payload, const char* reason);
    void handle_feedback(const pmt::pmt_t& message);
    void handle_tick(const pmt::pmt_t& message);
    void apply_feedback(process& p, const pmt::pmt_t& feedback, bool ack);
    bool resynchronise(process& p, const pmt::pmt_t& feedback);
    void fill_free_processes();
    bool next_payload(process& p);
    pmt::pmt_t random_bits(std::uint64_t packet_id) const;
    void transmit(process& p);
    void retransmit_or_fail(process& p, bool restart_rv);
    void end_block(process& p, std::uint64_t& counter);
    std::uint64_t in_flight() const;
    bool is_complete() const;

    enum cause {
        malformed_payloads,
        wrong_length_payloads,
        refused_payloads,
        surplus_payloads,
        malformed_feedback
    };

    const pmt::pmt_t d_payloads_port = pmt::mp("payloads");
    const pmt::pmt_t d_feedback_port = pmt::mp("feedback");
    const pmt::pmt_t d_tick_port = pmt::mp("tick");
    const pmt::pmt_t d_pdus_port = pmt::mp("pdus");
    const pmt::pmt_t d_refused_port = pmt::mp("refused");
    const pmt::pmt_t d_done_port = pmt::mp("done");
    const pmt::pmt_t d_reason_key = pmt::mp("reason");

    const unsigned d_n_processes; //!< of a user
    const unsigned d_payload_bits;
    const bool d_random;
    const std::uint64_t d_n_packets;
    const std::vector<int> d_rv_sequence;
    const std::chrono::duration<double, std::milli> d_timeout;
    const std::uint64_t d_seed;
    refusals d_refused;
    ticker d_ticker;
    std::atomic<bool> d_tick_waits{false};

    mutable std::mutex d_mutex; //!< guards all that follows
    unsigned d_max_attempts;
    std::vector<process> d_processes;
    std::deque<std::size_t> d_free; //!< processes with no block, longest free first
    std::deque<pmt::pmt_t> d_queue; //!< payloads from the port
    bool d_done_sent = false;

    std::uint64_t d_sent = 0;
    std::uint64_t d_acknowledged = 0;
    std::uint64_t d_failed = 0;
    std::uint64_t d_transmissions = 0;
    std::uint64_t d_nacks = 0;    //!< that answered the latest transmission
    std::uint64_t d_timeouts = 0; //!< of the latest transmission
    std::uint64_t d_feedback = 0; //!< messages on port feedback
    std::uint64_t d_late_feedback = 0;
    std::uint64_t d_resynchronised = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_HARQ_TRANSMITTER_IMPL_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/error_meter_impl.h"
#include <gnuradio/io_signature.h>
#include "blocks/harq_metadata.h"
#include <algorithm>
#include <stdexcept>

namespace gr {
namespace fewbit {

namespace {

unsigned in_range(const char* name, unsigned value, unsigned low, unsigned high)
{
    if (value < low || value > high)
        throw std::invalid_argument(std::string("error_meter: ") + name + " is " +
                                    std::to_string(value) + "; expected " +
                                    std::to_string(low) + " to " + std::to_string(high));
    return value;
}

block_tally::bits bits_of(const pmt::pmt_t& pdu)
{
    std::size_t n;
    const std::uint8_t* first = pmt::u8vector_elements(pmt::cdr(pdu), n);
    return block_tally::bits(first, first + n);
}

bool is_bits(const pmt::pmt_t& message)
{
    return pmt::is_pdu(message) && pmt::is_u8vector(pmt::cdr(message));
}

} // namespace

error_meter::sptr error_meter::make(unsigned max_attempts,
                                    bool compare,
                                    std::uint64_t min_errors,
                                    std::uint64_t max_blocks,
                                    double relative_width,
                                    unsigned report_every,
                                    unsigned table_size,
                                    unsigned block_bits,
                                    unsigned window,
                                    double stream_rate)
{
    return gnuradio::make_block_sptr<error_meter_impl>(
        max_attempts,
        compare,
        algorithms::stop_rule{min_errors, max_blocks, relative_width},
        report_every,
        table_size,
        block_bits,
        window,
        stream_rate);
}

error_meter_impl::error_meter_impl(unsigned max_attempts,
                                   bool compare,
                                   const algorithms::stop_rule& rule,
                                   unsigned report_every,
                                   unsigned table_size,
                                   unsigned block_bits,
                                   unsigned window,
                                   double stream_rate)
    : gr::block("error_meter",
                gr::io_signature::make(0, 2, sizeof(std::uint8_t)),
                gr::io_signature::make(0, 3, sizeof(float))),
      d_max_attempts(in_range("max_attempts", max_attempts, 1, 32)),
      d_compare(compare),
      d_rule(rule),
      d_report_every(report_every),
      d_table_size(in_range("table_size", table_size, 1, 1u << 24)),
      d_block_bits(in_range("block_bits", block_bits, 1, 1u << 24)),
      d_window(in_range("window", window, 1, 1u << 24)),
      d_stream(stream_rate),
      d_tally(d_max_attempts, d_compare, d_table_size, d_window)
{
    if (!(rule.relative_width >= 0.0))
        throw std::invalid_argument("error_meter: relative_width is " +
                                    std::to_string(rule.relative_width) +
                                    "; expected 0 (no limit) or more");
    for (const auto& port : {d_sent_port, d_received_port, d_reset_port})
        message_port_register_in(port);
    message_port_register_out(d_report_port);
    message_port_register_out(d_done_port);
    set_msg_handler(d_sent_port, [this](const pmt::pmt_t& m) { handle_sent(m); });
    set_msg_handler(d_received_port, [this](const pmt::pmt_t& m) { handle_received(m); });
    set_msg_handler(d_reset_port, [this](const pmt::pmt_t&) { reset(); });
}

// --- messages ---

void error_meter_impl::handle_sent(const pmt::pmt_t& message)
{
    std::lock_guard<std::mutex> lock(d_mutex);
    std::uint64_t id;
    if (!is_bits(message) ||
        !read_unsigned(
            pmt::car(message), harq_keys::get().packet_id, ~std::uint64_t{0}, id))
        return refuse("sent", "a PDU of uint8 bits with packet_id");
    if (d_done || !d_compare)
        return;
    d_tally.sent(id, bits_of(message));
    after_counting();
}

void error_meter_impl::handle_received(const pmt::pmt_t& message)
{
    std::lock_guard<std::mutex> lock(d_mutex);
    const harq_keys& keys = harq_keys::get();
    const pmt::pmt_t metadata = metadata_of(message);
    std::uint64_t id, attempt;
    bool crc_ok;
    // Where nothing is compared, a PDU that names no block is one of its own.
    const bool is_unnamed = !d_compare && !pmt::dict_has_key(metadata, keys.packet_id);
    if ((d_compare && !is_bits(message)) ||
        (!is_unnamed &&
         (!read_unsigned(metadata, keys.packet_id, ~std::uint64_t{0}, id) ||
          !read_unsigned(metadata, keys.attempt, ~std::uint64_t{0}, attempt))) ||
        !read_bool(metadata, keys.crc_ok, crc_ok))
        return refuse("received",
                      "packet_id, attempt and crc_ok, and uint8 bits where bits are "
                      "compared");
    if (d_done)
        return;
    if (!is_unnamed && attempt >= d_max_attempts)
        return count_beyond(attempt);
    if (is_unnamed)
        d_tally.counted(!crc_ok);
    else
        d_tally.received(id,
                         static_cast<unsigned>(attempt),
                         d_compare ? bits_of(message) : block_tally::bits(),
                         crc_ok);
    after_counting();
}

void error_meter_impl::refuse(const char* port, const char* expected)
{
    if (d_malformed++ == 0)
        d_logger->warn(
            "a message on port {} is dropped; expected {}; further ones are only "
            "counted",
            port,
            expected);
}

// Its block was wrong, and at its end, when attempt max_attempts - 1 was.
void error_meter_impl::count_beyond(std::uint64_t attempt)
{
    if (d_beyond++ == 0)
        d_logger->warn("attempt {} of a block is not counted: max_attempts is {}, "
                       "expected the sender's; further ones are only counted as "
                       "beyond_max_attempts",
                       attempt,
                       d_max_attempts);
}

void error_meter_impl::after_counting()
{
    const std::uint64_t blocks = d_tally.after_harq().blocks();
    if (d_rule.is_met(d_tally.after_harq())) {
        d_done = true;
        publish_report();
        message_port_pub(d_done_port, pmt::cons(pmt::mp("done"), pmt::from_long(1)));
    } else if (d_report_every > 0 && blocks >= d_reported_blocks + d_report_every) {
        d_reported_blocks = blocks;
        publish_report();
    }
}

void error_meter_impl::publish_report()
{
    pmt::pmt_t dict = pmt::make_dict();
    for (const auto& [name, value] : current_report())
        dict = pmt::dict_add(dict, pmt::mp(name), pmt::from_double(value));
    message_port_pub(d_report_port, dict);
}

// --- streams ---

bool error_meter_impl::start()
{
    d_stream.start();
    return block::start();
}

bool error_meter_impl::check_topology(int ninputs, int)
{
    if (ninputs != 1)
        return true;
    d_logger->error("one stream input is connected; expected both, or none");
    return false;
}

void error_meter_impl::forecast(int, gr_vector_int& ninput_items_required)
{
    std::fill(ninput_items_required.begin(), ninput_items_required.end(), 1);
}

int error_meter_impl::general_work(int noutput_items,
                                   gr_vector_int& ninput_items,
                                   gr_vector_const_void_star& input_items,
                                   gr_vector_void_star& output_items)
{
    const bool has_inputs = !input_items.empty();
    int items = 0;
    if (!output_items.empty())
        items = d_stream.due(noutput_items, !has_inputs);
    std::lock_guard<std::mutex> lock(d_mutex);
    if (has_inputs) {
        if (d_done)
            return WORK_DONE;
        consume_each(count_streams(static_cast<const std::uint8_t*>(input_items[0]),
                                   static_cast<const std::uint8_t*>(input_items[1]),
                                   std::min(ninput_items[0], ninput_items[1])));
    }
    const running_rate* shown[3] = {
        &d_tally.recent_ber(), &d_tally.recent_first(), &d_tally.recent_after_harq()};
    for (std::size_t i = 0; i < output_items.size(); ++i)
        std::fill_n(static_cast<float*>(output_items[i]),
                    items,
                    static_cast<float>(shown[i]->rate()));
    return items;
}

// Counts up to the items given, but no block beyond the one that meets the stop rule.
int error_meter_impl::count_streams(const std::uint8_t* a,
                                    const std::uint8_t* b,
                                    int items)
{
    int i = 0;
    while (i < items && !d_done) {
        d_bit_errors += a[i] != b[i];
        ++i;
        if (++d_bits == d_block_bits) {
            d_tally.counted(d_bit_errors, d_bits);
            d_bits = d_bit_errors = 0;
            after_counting();
        }
    }
    return i;
}

// --- small things ---

void error_meter_impl::reset()
{
    std::lock_guard<std::mutex> lock(d_mutex);
    d_tally = block_tally(d_max_attempts, d_compare, d_table_size, d_window);
    d_reported_blocks = 0;
    d_malformed = d_beyond = 0;
    d_bits = d_bit_errors = 0;
    d_done = false;
}

bool error_meter_impl::is_done() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return d_done;
}

std::map<std::string, double> error_meter_impl::current_report() const
{
    auto named = d_tally.report();
    named["malformed"] = static_cast<double>(d_malformed);
    named["beyond_max_attempts"] = static_cast<double>(d_beyond);
    return named;
}

std::map<std::string, double> error_meter_impl::report() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return current_report();
}

} // namespace fewbit
} // namespace gr

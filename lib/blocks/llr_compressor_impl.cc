/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/llr_compressor_impl.h"

#include <gnuradio/block_detail.h>
#include <gnuradio/fewbit/algorithms/softbits/container.h>
#include <gnuradio/io_signature.h>
#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>

namespace gr {
namespace fewbit {

namespace {
constexpr std::size_t most_to_plot = 8192; // packets; older ones are not plotted
}

llr_compressor::sptr llr_compressor::make(const std::string& codec, unsigned stats_every)
{
    return gnuradio::make_block_sptr<llr_compressor_impl>(codec, stats_every);
}

llr_compressor_impl::llr_compressor_impl(const std::string& codec, unsigned stats_every)
    : gr::block("llr_compressor",
                gr::io_signature::make(0, 0, 0),
                gr::io_signature::make(0, 1, sizeof(float))),
      d_stats_every(stats_every),
      d_refused(d_logger, {"not_a_pdu", "wrong_type", "wrong_length"}),
      d_codec(algorithms::make_softbit_codec(codec))
{
    message_port_register_in(d_port);
    message_port_register_out(d_port);
    message_port_register_out(d_stats_port);
    set_msg_handler(d_port, [this](const pmt::pmt_t& message) { handle(message); });
}

void llr_compressor_impl::set_codec(const std::string& codec)
{
    auto made =
        algorithms::make_softbit_codec(codec); // may read a file: outside the lock
    std::lock_guard<std::mutex> lock(d_mutex);
    d_codec = std::move(made);
    d_codec_llrs = d_codec_bytes = 0;
}

std::string llr_compressor_impl::codec() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return d_codec->name();
}

double llr_compressor_impl::bits_per_llr() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return d_codec_llrs ? 8.0 * d_codec_bytes / d_codec_llrs : 0.0;
}

std::map<std::string, std::uint64_t> llr_compressor_impl::counters() const
{
    std::map<std::string, std::uint64_t> all;
    d_refused.add_to(all);
    std::lock_guard<std::mutex> lock(d_mutex);
    all["passed"] = d_passed;
    all["llrs"] = d_llrs;
    all["bytes"] = d_bytes;
    return all;
}

void llr_compressor_impl::handle(const pmt::pmt_t& message)
{
    if (!pmt::is_pdu(message))
        return d_refused.count(not_a_pdu,
                               "got a message that is not a pair of a dict and a vector");
    if (!pmt::is_f32vector(pmt::cdr(message)))
        return d_refused.count(wrong_type, "got a PDU of another type than float32 LLRs");
    std::size_t n_llrs = 0;
    const float* llrs = pmt::f32vector_elements(pmt::cdr(message), n_llrs);
    const pmt::pmt_t container = compress(llrs, n_llrs);
    if (pmt::is_null(container))
        return;
    message_port_pub(d_port, pmt::cons(pmt::car(message), container));
    if (d_stats_every != 0 && d_passed % d_stats_every == 0)
        publish_stats();
}

bool llr_compressor_impl::is_right_length(std::size_t n_llrs)
{
    const std::size_t unit = d_codec->llrs_per_symbol();
    if (n_llrs > 0 && n_llrs % unit == 0 &&
        n_llrs <= std::numeric_limits<std::uint32_t>::max())
        return true;
    d_refused.count(wrong_length,
                    "got a packet of " + std::to_string(n_llrs) +
                        " LLRs, expected a multiple of " + std::to_string(unit));
    return false;
}

// The packet's container, or PMT_NIL where it is refused.
pmt::pmt_t llr_compressor_impl::compress(const float* llrs, std::size_t n_llrs)
{
    std::lock_guard<std::mutex> lock(d_mutex);
    if (!is_right_length(n_llrs))
        return pmt::PMT_NIL;
    const auto count = static_cast<std::uint32_t>(n_llrs);
    d_codec->reserve(n_llrs);
    const std::size_t room =
        d_codec->max_body_bytes(n_llrs) + algorithms::container_overhead_bytes(count);
    if (d_container.size() < room)
        d_container.resize(room);
    const std::size_t body = d_codec->encode(
        llrs, n_llrs, d_container.data() + algorithms::container_header_bytes(count));
    const std::size_t bytes =
        algorithms::seal_container(d_container.data(), body, d_codec->id(), count);

    d_passed++;
    d_llrs += n_llrs;
    d_bytes += bytes;
    d_codec_llrs += n_llrs;
    d_codec_bytes += bytes;
    if (d_stream_connected) {
        if (d_to_plot.size() == most_to_plot)
            d_to_plot.pop_front();
        d_to_plot.push_back(8.0f * static_cast<float>(bytes) /
                            static_cast<float>(n_llrs));
    }
    return pmt::init_u8vector(bytes, d_container.data());
}

void llr_compressor_impl::publish_stats()
{
    pmt::pmt_t stats = pmt::make_dict();
    for (const auto& [name, count] : counters())
        stats = pmt::dict_add(stats, pmt::mp(name), pmt::from_uint64(count));
    stats = pmt::dict_add(stats, pmt::mp("codec"), pmt::mp(codec()));
    stats =
        pmt::dict_add(stats, pmt::mp("bits_per_llr"), pmt::from_double(bits_per_llr()));
    message_port_pub(d_stats_port, stats);
}

bool llr_compressor_impl::start()
{
    std::lock_guard<std::mutex> lock(d_mutex);
    d_stream_connected = detail() && detail()->noutputs() > 0;
    d_to_plot.clear();
    return gr::block::start();
}

int llr_compressor_impl::general_work(int noutput_items,
                                      gr_vector_int&,
                                      gr_vector_const_void_star&,
                                      gr_vector_void_star& output_items)
{
    std::unique_lock<std::mutex> lock(d_mutex);
    if (output_items.empty() || d_to_plot.empty()) {
        lock.unlock();
        // The scheduler calls again at once; packets are handled between calls.
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return 0;
    }
    const std::size_t items =
        std::min<std::size_t>(d_to_plot.size(), static_cast<std::size_t>(noutput_items));
    std::copy_n(d_to_plot.begin(), items, static_cast<float*>(output_items[0]));
    d_to_plot.erase(d_to_plot.begin(), d_to_plot.begin() + items);
    return static_cast<int>(items);
}

} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/pilot_tagger_impl.h"

#include <gnuradio/io_signature.h>
#include <gnuradio/thread/thread.h>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace gr {
namespace fewbit {

namespace {

void check_pattern(std::uint64_t n_pilots, std::uint64_t period)
{
    if (period != 0 && period < n_pilots)
        throw std::invalid_argument("pilot_tagger: period is " + std::to_string(period) +
                                    ", expected 0 (once) or at least n_pilots, " +
                                    std::to_string(n_pilots));
}

} // namespace

pilot_tagger::sptr pilot_tagger::make(const std::string& type,
                                      std::size_t vlen,
                                      std::uint64_t n_pilots,
                                      std::uint64_t period)
{
    check_pattern(n_pilots, period);
    return gnuradio::make_block_sptr<pilot_tagger_impl>(
        frame_item_from_name(type), vlen, n_pilots, period);
}

pilot_tagger_impl::pilot_tagger_impl(frame_item type,
                                     std::size_t vlen,
                                     std::uint64_t n_pilots,
                                     std::uint64_t period)
    : gr::sync_block("pilot_tagger",
                     gr::io_signature::make(1, 1, frame_bytes(type, vlen)),
                     gr::io_signature::make(1, 1, frame_bytes(type, vlen))),
      d_type(type),
      d_vlen(vlen),
      d_n_pilots(n_pilots),
      d_period(period)
{
    message_port_register_in(d_restart_port);
    set_msg_handler(d_restart_port, [this](const pmt::pmt_t&) { restart(); });
}

void pilot_tagger_impl::set_pattern(std::uint64_t n_pilots, std::uint64_t period)
{
    check_pattern(n_pilots, period);
    gr::thread::scoped_lock guard(d_setlock);
    d_n_pilots = n_pilots;
    d_period = period;
    d_position = 0;
}

void pilot_tagger_impl::restart()
{
    gr::thread::scoped_lock guard(d_setlock);
    d_position = 0;
}

bool pilot_tagger_impl::start()
{
    restart();
    return block::start();
}

pmt::pmt_t pilot_tagger_impl::value_of(const void* item) const
{
    if (d_type == frame_item::byte)
        return pmt::init_u8vector(d_vlen, static_cast<const std::uint8_t*>(item));
    if (d_type == frame_item::floating)
        return pmt::init_f32vector(d_vlen, static_cast<const float*>(item));
    auto stacked = pmt::make_f32vector(2 * d_vlen, 0.0f);
    std::size_t size;
    float* values = pmt::f32vector_writable_elements(stacked, size);
    const auto* from = static_cast<const gr_complex*>(item);
    for (std::size_t i = 0; i < d_vlen; ++i) {
        values[i] = from[i].real();
        values[d_vlen + i] = from[i].imag();
    }
    return stacked;
}

int pilot_tagger_impl::work(int noutput_items,
                            gr_vector_const_void_star& input_items,
                            gr_vector_void_star& output_items)
{
    gr::thread::scoped_lock guard(d_setlock);
    const auto item_bytes =
        static_cast<std::size_t>(input_signature()->sizeof_stream_item(0));
    const auto* in = static_cast<const char*>(input_items[0]);
    std::memcpy(
        output_items[0], in, static_cast<std::size_t>(noutput_items) * item_bytes);
    for (std::uint64_t item = 0; item < static_cast<std::uint64_t>(noutput_items);
         ++item) {
        if (d_position < d_n_pilots) {
            add_item_tag(
                0, nitems_written(0) + item, d_key, value_of(in + item * item_bytes));
            ++d_n_tagged;
            ++d_position;
        } else if (d_period != 0) {
            ++d_position;
        }
        if (d_period != 0 && d_position >= d_period)
            d_position = 0;
    }
    return noutput_items;
}

} // namespace fewbit
} // namespace gr

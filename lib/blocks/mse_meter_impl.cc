/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/mse_meter_impl.h"

#include "blocks/frame_item.h"
#include <gnuradio/io_signature.h>
#include <gnuradio/thread/thread.h>
#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {

mse_meter::sptr
mse_meter::make(const std::string& type, std::size_t vlen, unsigned n_items)
{
    const frame_item item = frame_item_from_name(type);
    if (item == frame_item::byte)
        throw std::invalid_argument(
            "mse_meter: the item type is 'byte', expected float or complex");
    if (n_items < 1 || n_items > 1u << 20)
        throw std::invalid_argument("mse_meter: n_items is " + std::to_string(n_items) +
                                    ", expected 1 to 1048576");
    return gnuradio::make_block_sptr<mse_meter_impl>(
        frame_bytes(item, vlen), item == frame_item::complex ? 2 * vlen : vlen, n_items);
}

mse_meter_impl::mse_meter_impl(int item_bytes, std::size_t n_entries, unsigned n_items)
    : gr::sync_decimator("mse_meter",
                         gr::io_signature::make(2, 2, item_bytes),
                         gr::io_signature::make(1, 1, sizeof(float)),
                         n_items),
      d_n_entries(n_entries),
      d_n_items(n_items)
{
    message_port_register_in(d_reset_port);
    set_msg_handler(d_reset_port, [this](const pmt::pmt_t&) { reset(); });
}

void mse_meter_impl::reset()
{
    gr::thread::scoped_lock guard(d_setlock);
    d_items = d_not_finite = 0;
    d_sum = d_sum_of_squares = 0.0;
}

std::map<std::string, double> mse_meter_impl::report() const
{
    gr::thread::scoped_lock guard(const_cast<mse_meter_impl*>(this)->d_setlock);
    const double n = static_cast<double>(std::max<std::uint64_t>(d_items, 1));
    const double mean = d_sum / n;
    const double variance = std::max(0.0, d_sum_of_squares / n - mean * mean);
    const double half_width = 1.959964 * std::sqrt(variance / n);
    return {{"items", static_cast<double>(d_items)},
            {"mse", mean},
            {"mse_low", std::max(0.0, mean - half_width)},
            {"mse_high", mean + half_width},
            {"not_finite", static_cast<double>(d_not_finite)}};
}

// The item's squared error per entry; not finite where the item is not.
float mse_meter_impl::error_of(const float* a, const float* b)
{
    float sum = 0.0f;
    for (std::size_t i = 0; i < d_n_entries; ++i)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum / static_cast<float>(d_n_entries);
}

int mse_meter_impl::work(int noutput_items,
                         gr_vector_const_void_star& input_items,
                         gr_vector_void_star& output_items)
{
    gr::thread::scoped_lock guard(d_setlock);
    const auto* a = static_cast<const float*>(input_items[0]);
    const auto* b = static_cast<const float*>(input_items[1]);
    auto* out = static_cast<float*>(output_items[0]);
    for (int value = 0; value < noutput_items; ++value) {
        double sum = 0.0;
        unsigned counted = 0;
        for (unsigned item = 0; item < d_n_items;
             ++item, a += d_n_entries, b += d_n_entries) {
            const double error = error_of(a, b);
            if (!std::isfinite(error)) {
                ++d_not_finite;
                continue;
            }
            ++counted;
            sum += error;
            d_sum_of_squares += error * error;
        }
        d_items += counted;
        d_sum += sum;
        if (counted > 0)
            d_shown = static_cast<float>(sum / counted);
        out[value] = d_shown;
    }
    return noutput_items;
}

} // namespace fewbit
} // namespace gr

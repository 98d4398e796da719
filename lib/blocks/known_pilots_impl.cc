/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/known_pilots_impl.h"

#include "blocks/frame_item.h"
#include <gnuradio/io_signature.h>
#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace gr {
namespace fewbit {

namespace {

void check_positions(const std::vector<std::uint64_t>& positions, std::uint64_t period)
{
    for (std::size_t i = 1; i < positions.size(); ++i)
        if (positions[i] <= positions[i - 1])
            throw std::invalid_argument(
                "known_pilots: position " + std::to_string(positions[i]) + " follows " +
                std::to_string(positions[i - 1]) + ", expected ascending positions");
    if (period != 0 && !positions.empty() && positions.back() >= period)
        throw std::invalid_argument(
            "known_pilots: the last position is " + std::to_string(positions.back()) +
            ", expected less than the period, " + std::to_string(period));
}

// A pmt for each row: made once, so that a tag costs no vector.
std::vector<pmt::pmt_t>
rows_of(const std::vector<float>& values, std::size_t n_rows, bool bits)
{
    if (n_rows == 0 ? !values.empty() : values.empty() || values.size() % n_rows != 0)
        throw std::invalid_argument(
            "known_pilots: there are " + std::to_string(values.size()) + " values for " +
            std::to_string(n_rows) + " positions, expected rows of equal length");
    std::vector<pmt::pmt_t> rows;
    const std::size_t length = n_rows == 0 ? 0 : values.size() / n_rows;
    for (auto first = values.begin(); first != values.end();
         first += static_cast<std::ptrdiff_t>(length)) {
        const auto last = first + static_cast<std::ptrdiff_t>(length);
        if (bits && !std::all_of(first, last, [](float v) { return v == 0 || v == 1; }))
            throw std::invalid_argument(
                "known_pilots: a value is neither 0 nor 1, expected bits");
        rows.push_back(
            bits ? pmt::init_u8vector(length, std::vector<std::uint8_t>(first, last))
                 : pmt::init_f32vector(length, std::vector<float>(first, last)));
    }
    return rows;
}

} // namespace

known_pilots::sptr known_pilots::make(const std::string& type,
                                      std::size_t vlen,
                                      const std::vector<std::uint64_t>& positions,
                                      const std::vector<float>& values,
                                      bool bits,
                                      std::uint64_t period)
{
    check_positions(positions, period);
    return gnuradio::make_block_sptr<known_pilots_impl>(
        frame_bytes(frame_item_from_name(type), vlen),
        positions,
        rows_of(values, positions.size(), bits),
        period);
}

known_pilots_impl::known_pilots_impl(int item_bytes,
                                     const std::vector<std::uint64_t>& positions,
                                     std::vector<pmt::pmt_t> values,
                                     std::uint64_t period)
    : gr::sync_block("known_pilots",
                     gr::io_signature::make(1, 1, item_bytes),
                     gr::io_signature::make(1, 1, item_bytes)),
      d_positions(positions),
      d_values(std::move(values)),
      d_period(period)
{
}

bool known_pilots_impl::start()
{
    d_begin = nitems_written(0);
    d_next = 0;
    return block::start();
}

int known_pilots_impl::work(int noutput_items,
                            gr_vector_const_void_star& input_items,
                            gr_vector_void_star& output_items)
{
    const auto bytes = static_cast<std::size_t>(noutput_items) *
                       static_cast<std::size_t>(input_signature()->sizeof_stream_item(0));
    std::memcpy(output_items[0], input_items[0], bytes);
    const std::uint64_t end =
        nitems_written(0) + static_cast<std::uint64_t>(noutput_items);
    while (!d_positions.empty()) {
        if (d_next == d_positions.size()) {
            if (d_period == 0)
                break;
            d_begin += d_period;
            d_next = 0;
        }
        const std::uint64_t at = d_begin + d_positions[d_next];
        if (at >= end)
            break;
        add_item_tag(0, at, d_key, d_values[d_next]);
        ++d_n_tagged;
        ++d_next;
    }
    return noutput_items;
}

} // namespace fewbit
} // namespace gr

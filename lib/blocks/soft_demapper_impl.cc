/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/soft_demapper_impl.h"

#include "blocks/frame_item.h"
#include <gnuradio/io_signature.h>
#include <gnuradio/thread/thread.h>
#include <algorithm>
#include <stdexcept>

namespace gr {
namespace fewbit {

namespace {

algorithms::demap_method method_named(const std::string& name)
{
    if (name == "exact")
        return algorithms::demap_method::exact;
    if (name == "max_log")
        return algorithms::demap_method::max_log;
    throw std::invalid_argument("soft_demapper: method is '" + name +
                                "', expected 'exact' or 'max_log'");
}

} // namespace

soft_demapper::sptr soft_demapper::make(std::size_t n_subcarriers,
                                        unsigned bits_per_symbol,
                                        const std::string& method,
                                        float noise_variance)
{
    if (n_subcarriers == 0)
        throw std::invalid_argument(
            "soft_demapper: n_subcarriers is 0, expected at least 1");
    return gnuradio::make_block_sptr<soft_demapper_impl>(
        n_subcarriers,
        algorithms::soft_demapper(bits_per_symbol, method_named(method)),
        noise_variance);
}

soft_demapper_impl::soft_demapper_impl(std::size_t n_subcarriers,
                                       const algorithms::soft_demapper& demapper,
                                       float noise_variance)
    : gr::sync_block(
          "soft_demapper",
          gr::io_signature::make(2, 2, frame_bytes(frame_item::complex, n_subcarriers)),
          gr::io_signature::make(
              1,
              1,
              frame_bytes(frame_item::floating,
                          n_subcarriers * demapper.bits_per_symbol()))),
      d_n_subcarriers(n_subcarriers),
      d_demapper(demapper),
      d_noise_variance(noise_variance)
{
}

void soft_demapper_impl::set_noise_variance(float noise_variance)
{
    gr::thread::scoped_lock guard(d_setlock);
    d_noise_variance = noise_variance;
}

float soft_demapper_impl::noise_variance() const { return d_noise_variance; }

void soft_demapper_impl::collect_tags(int noutput_items)
{
    d_tags.clear();
    for (unsigned input = 0; input < 2; ++input) {
        get_tags_in_window(
            d_some_tags, input, 0, static_cast<std::uint64_t>(noutput_items), d_key);
        for (auto& tag : d_some_tags) {
            tag.offset -= nitems_read(input);
            d_tags.push_back(tag);
        }
    }
    std::sort(d_tags.begin(), d_tags.end(), gr::tag_t::offset_compare);
}

void soft_demapper_impl::take_noise_variance(const pmt::pmt_t& value)
{
    if (pmt::is_uint64(value)) // a number that to_double() throws at
        d_noise_variance = static_cast<float>(pmt::to_uint64(value));
    else if (pmt::is_real(value) || pmt::is_integer(value))
        d_noise_variance = static_cast<float>(pmt::to_double(value));
    else if (++d_bad_tags == 1)
        d_logger->warn(
            "a noise_variance tag is no number; it is ignored, and further ones of "
            "the kind are counted silently");
}

int soft_demapper_impl::work(int noutput_items,
                             gr_vector_const_void_star& input_items,
                             gr_vector_void_star& output_items)
{
    gr::thread::scoped_lock guard(d_setlock);
    const auto* y = static_cast<const gr_complex*>(input_items[0]);
    const auto* h = static_cast<const gr_complex*>(input_items[1]);
    auto* llrs = static_cast<float*>(output_items[0]);
    collect_tags(noutput_items);
    auto tag = d_tags.begin();
    for (std::uint64_t item = 0; item < static_cast<std::uint64_t>(noutput_items);
         ++item) {
        for (; tag != d_tags.end() && tag->offset <= item; ++tag)
            take_noise_variance(tag->value);
        d_erased += d_demapper.demap(y, h, d_noise_variance, d_n_subcarriers, llrs);
        y += d_n_subcarriers;
        h += d_n_subcarriers;
        llrs += d_n_subcarriers * d_demapper.bits_per_symbol();
    }
    return noutput_items;
}

} // namespace fewbit
} // namespace gr

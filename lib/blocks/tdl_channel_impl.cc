/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/tdl_channel_impl.h"
#include "blocks/snr.h"

#include <gnuradio/fewbit/algorithms/link/subcarrier_map.h>
#include <gnuradio/io_signature.h>
#include <gnuradio/thread/thread.h>
#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {

namespace {

constexpr std::size_t longest_block = 1u << 20;

double checked_noise(double noise_variance)
{
    if (!(noise_variance >= 0.0 && std::isfinite(noise_variance)))
        throw std::invalid_argument("tdl_channel: noise_variance is " +
                                    std::to_string(noise_variance) +
                                    ", expected 0 or more");
    return noise_variance;
}

algorithms::tdl_fading fading_named(const std::string& name)
{
    if (name == "block")
        return algorithms::tdl_fading::block;
    if (name == "jakes")
        return algorithms::tdl_fading::jakes;
    throw std::invalid_argument("tdl_channel: fading is '" + name +
                                "', expected 'block' or 'jakes'");
}

} // namespace

tdl_channel::sptr tdl_channel::make(std::size_t block_length,
                                    const std::string& profile,
                                    double noise_variance,
                                    const std::string& fading,
                                    double max_doppler,
                                    bool normalise,
                                    double sample_rate,
                                    std::size_t n_subcarriers,
                                    std::size_t span,
                                    std::size_t fft_length,
                                    double rms_delay_spread,
                                    std::uint64_t seed)
{
    if (block_length < 1 || block_length > longest_block)
        throw std::invalid_argument("tdl_channel: block_length is " +
                                    std::to_string(block_length) +
                                    ", expected 1 to 1048576");
    algorithms::tdl_settings settings;
    settings.profile = profile;
    settings.rms_delay_spread = rms_delay_spread;
    settings.sample_rate = sample_rate;
    settings.fading = fading_named(fading);
    settings.max_doppler = max_doppler;
    settings.normalise = normalise;
    settings.offsets =
        algorithms::subcarrier_map(n_subcarriers, span, fft_length).offsets(sample_rate);
    settings.seed = seed;
    return gnuradio::make_block_sptr<tdl_channel_impl>(
        block_length,
        checked_noise(noise_variance),
        std::make_unique<algorithms::tdl_channel>(settings));
}

tdl_channel_impl::tdl_channel_impl(std::size_t block_length,
                                   double noise_variance,
                                   std::unique_ptr<algorithms::tdl_channel> channel)
    : gr::block("tdl_channel",
                gr::io_signature::make(1, 1, sizeof(gr_complex)),
                gr::io_signature::makev(
                    1,
                    2,
                    {static_cast<int>(sizeof(gr_complex)),
                     static_cast<int>(sizeof(gr_complex) * channel->n_subcarriers())})),
      d_block_length(block_length),
      d_noise_variance(noise_variance),
      d_channel(std::move(channel)),
      d_noise(d_channel->settings().seed + 1)
{
    // The scheduler offers the same number of items at both outputs: whole blocks of
    // samples mean that output 1 has a buffer of two blocks' length too.
    set_output_multiple(static_cast<int>(block_length));
    set_tag_propagation_policy(TPP_DONT); // by hand: to output 0 alone
}

void tdl_channel_impl::set_noise_variance(double noise_variance)
{
    checked_noise(noise_variance);
    gr::thread::scoped_lock guard(d_setlock);
    d_noise_variance = noise_variance;
}

void tdl_channel_impl::set_snr_db(double snr_db)
{
    set_noise_variance(noise_variance_at("tdl_channel", snr_db));
}

void tdl_channel_impl::set_max_doppler(double hertz)
{
    if (!(hertz >= 0.0 && std::isfinite(hertz)))
        throw std::invalid_argument("tdl_channel: max_doppler is " +
                                    std::to_string(hertz) + " Hz, expected 0 or more");
    gr::thread::scoped_lock guard(d_setlock);
    d_channel->set_max_doppler(hertz);
}

void tdl_channel_impl::set_profile(const std::string& profile)
{
    algorithms::tdl_settings settings;
    {
        gr::thread::scoped_lock guard(d_setlock);
        settings = d_channel->settings();
    }
    if (settings.profile == profile)
        return;
    settings.profile = profile;
    auto channel = std::make_unique<algorithms::tdl_channel>(settings);
    gr::thread::scoped_lock guard(d_setlock);
    d_channel.swap(channel);
}

bool tdl_channel_impl::start()
{
    // What listens to output 1 may be another block than before, or may have missed a
    // tag.
    d_tagged_noise_variance = -1.0;
    return block::start();
}

void tdl_channel_impl::forecast(int, gr_vector_int& ninput_items_required)
{
    ninput_items_required[0] = static_cast<int>(d_block_length);
}

void tdl_channel_impl::give_response(std::uint64_t item, gr_complex* response)
{
    std::copy(d_channel->response().begin(), d_channel->response().end(), response);
    if (d_tagged_noise_variance == d_noise_variance)
        return;
    add_item_tag(1, nitems_written(1) + item, d_key, pmt::from_double(d_noise_variance));
    d_tagged_noise_variance = d_noise_variance;
}

void tdl_channel_impl::forward_tags(std::uint64_t n_samples)
{
    get_tags_in_window(d_tags, 0, 0, n_samples);
    for (auto& tag : d_tags) {
        tag.offset += nitems_written(0) - nitems_read(0);
        add_item_tag(0, tag);
    }
}

int tdl_channel_impl::general_work(int noutput_items,
                                   gr_vector_int& ninput_items,
                                   gr_vector_const_void_star& input_items,
                                   gr_vector_void_star& output_items)
{
    gr::thread::scoped_lock guard(d_setlock);
    const auto* in = static_cast<const gr_complex*>(input_items[0]);
    auto* out = static_cast<gr_complex*>(output_items[0]);
    const std::size_t n_blocks =
        static_cast<std::size_t>(std::min(noutput_items, ninput_items[0])) /
        d_block_length;
    const std::size_t n_samples = n_blocks * d_block_length;
    const double interval =
        static_cast<double>(d_block_length) / d_channel->settings().sample_rate;
    const bool wants_response = output_items.size() > 1;

    for (std::size_t block = 0; block < n_blocks; ++block) {
        d_channel->filter(in, d_block_length, out);
        d_noise.add(out, d_block_length, static_cast<float>(d_noise_variance), out);
        if (wants_response)
            give_response(block,
                          static_cast<gr_complex*>(output_items[1]) +
                              block * d_channel->n_subcarriers());
        d_channel->step(interval);
        in += d_block_length;
        out += d_block_length;
    }
    forward_tags(n_samples);
    consume(0, static_cast<int>(n_samples));
    produce(0, static_cast<int>(n_samples));
    if (wants_response)
        produce(1, static_cast<int>(n_blocks));
    return WORK_CALLED_PRODUCE;
}

} // namespace fewbit
} // namespace gr

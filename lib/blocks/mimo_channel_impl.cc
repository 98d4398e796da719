/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/mimo_channel_impl.h"

#include "blocks/finite_vectors.h"
#include "blocks/frame_item.h"
#include "blocks/snr.h"
#include <gnuradio/io_signature.h>
#include <gnuradio/thread/thread.h>
#include <algorithm>
#include <stdexcept>
#include <utility>

namespace gr {
namespace fewbit {

namespace {

constexpr std::size_t longest_block = 1u << 16;
constexpr std::size_t most_values = 1u << 25; // of the channels in half a buffer

algorithms::mimo_fading fading_named(const std::string& name)
{
    if (name == "block")
        return algorithms::mimo_fading::block;
    if (name == "jakes")
        return algorithms::mimo_fading::jakes;
    throw std::invalid_argument("mimo_channel: fading is '" + name +
                                "', expected 'block' or 'jakes'");
}

void check_block_len(std::size_t block_len, std::size_t antennas, std::size_t users)
{
    if (block_len < 1 || block_len > longest_block)
        throw std::invalid_argument("mimo_channel: block_len is " +
                                    std::to_string(block_len) + ", expected 1 to " +
                                    std::to_string(longest_block));
    if (antennas * users * block_len > most_values)
        throw std::invalid_argument(
            "mimo_channel: block_len is " + std::to_string(block_len) +
            ", expected at most " + std::to_string(most_values / (antennas * users)) +
            " for channels of " + std::to_string(antennas * users) + " values");
}

} // namespace

mimo_channel::sptr mimo_channel::make(std::size_t antennas,
                                      std::size_t users,
                                      std::size_t block_len,
                                      double noise_variance,
                                      const std::string& fading,
                                      double doppler,
                                      double receive_correlation,
                                      double transmit_correlation,
                                      std::uint64_t seed)
{
    algorithms::mimo_channel channel({antennas,
                                      users,
                                      block_len,
                                      noise_variance,
                                      receive_correlation,
                                      transmit_correlation,
                                      fading_named(fading),
                                      doppler,
                                      seed}); // refuses what is senseless
    check_block_len(block_len, antennas, users);
    return gnuradio::make_block_sptr<mimo_channel_impl>(std::move(channel));
}

mimo_channel_impl::mimo_channel_impl(algorithms::mimo_channel channel)
    : gr::block(
          "mimo_channel",
          gr::io_signature::make(
              1,
              1,
              frame_bytes(frame_item::complex, channel.settings().users)),
          gr::io_signature::makev(
              1,
              2,
              {frame_bytes(frame_item::complex, channel.settings().receive_antennas),
               frame_bytes(frame_item::complex, channel.matrix().size())})),
      d_users(channel.settings().users),
      d_block_len(channel.settings().block_len),
      d_channel(std::move(channel)),
      d_noise_variance(d_channel.settings().noise_variance)
{
    // The scheduler offers the same number of items at both outputs: whole blocks of
    // vectors mean that output 1 has a buffer of two blocks' length too.
    set_output_multiple(static_cast<int>(d_block_len));
    set_tag_propagation_policy(TPP_DONT); // by hand: to output 0 alone
}

// --- settings ---

void mimo_channel_impl::set_noise_variance(double noise_variance)
{
    gr::thread::scoped_lock guard(d_setlock);
    d_channel.set_noise_variance(noise_variance);
    d_noise_variance = noise_variance;
}

void mimo_channel_impl::set_snr_db(double snr_db)
{
    set_noise_variance(noise_variance_at("mimo_channel", snr_db));
}

std::map<std::string, std::uint64_t> mimo_channel_impl::counters() const
{
    return {
        {"vectors", d_vectors}, {"channels", d_channels}, {"not_finite", d_not_finite}};
}

// --- the stream ---

bool mimo_channel_impl::start()
{
    d_tagged_noise_variance = -1.0; // who listens may be new, or may have missed a tag
    return block::start();
}

void mimo_channel_impl::forecast(int, gr_vector_int& ninput_items_required)
{
    ninput_items_required[0] = static_cast<int>(d_block_len);
}

void mimo_channel_impl::tell_noise_variance()
{
    if (d_tagged_noise_variance == d_noise_variance)
        return;
    d_tagged_noise_variance = d_noise_variance;
    add_item_tag(0, nitems_written(0), d_key, pmt::from_double(d_noise_variance));
}

void mimo_channel_impl::forward_tags(std::uint64_t n_vectors)
{
    get_tags_in_window(d_tags, 0, 0, n_vectors);
    for (auto& tag : d_tags) {
        tag.offset += nitems_written(0) - nitems_read(0);
        add_item_tag(0, tag);
    }
}

int mimo_channel_impl::general_work(int noutput_items,
                                    gr_vector_int& ninput_items,
                                    gr_vector_const_void_star& input_items,
                                    gr_vector_void_star& output_items)
{
    gr::thread::scoped_lock guard(d_setlock);
    const auto* x = static_cast<const gr_complex*>(input_items[0]);
    const std::size_t n_blocks =
        static_cast<std::size_t>(std::min(noutput_items, ninput_items[0])) / d_block_len;
    const std::size_t n_vectors = n_blocks * d_block_len;
    const bool wants_channel = output_items.size() > 1;
    if (n_blocks == 0)
        return 0;

    tell_noise_variance();
    forward_tags(n_vectors);
    const std::uint64_t found =
        count_not_finite(reinterpret_cast<const float*>(x), n_vectors, 2 * d_users);
    if (found > 0 && d_not_finite.fetch_add(found) == 0)
        d_logger->warn("a vector holds NaN or infinity; it is sent as it is, and further "
                       "ones are counted silently");
    d_channel.apply(x,
                    n_blocks,
                    static_cast<gr_complex*>(output_items[0]),
                    wants_channel ? static_cast<gr_complex*>(output_items[1]) : nullptr);
    d_vectors += n_vectors;
    d_channels += n_blocks;
    consume(0, static_cast<int>(n_vectors));
    produce(0, static_cast<int>(n_vectors));
    if (wants_channel)
        produce(1, static_cast<int>(n_blocks));
    return WORK_CALLED_PRODUCE;
}

} // namespace fewbit
} // namespace gr

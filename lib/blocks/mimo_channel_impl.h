/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_MIMO_CHANNEL_IMPL_H
#define INCLUDED_FEWBIT_MIMO_CHANNEL_IMPL_H

#include <gnuradio/fewbit/algorithms/link/mimo_channel.h>
#include <gnuradio/fewbit/mimo_channel.h>
#include <atomic>
#include <vector>

namespace gr {
namespace fewbit {

class mimo_channel_impl : public mimo_channel
{
public:
    explicit mimo_channel_impl(algorithms::mimo_channel channel);

    void set_noise_variance(double noise_variance) override;
    double noise_variance() const override { return d_noise_variance; }
    void set_snr_db(double snr_db) override;
    std::map<std::string, std::uint64_t> counters() const override;

    bool start() override;
    void forecast(int noutput_items, gr_vector_int& ninput_items_required) override;
    int general_work(int noutput_items,
                     gr_vector_int& ninput_items,
                     gr_vector_const_void_star& input_items,
                     gr_vector_void_star& output_items) override;

private:
    void tell_noise_variance();
    void forward_tags(std::uint64_t n_vectors);

    const std::size_t d_users, d_block_len;
    algorithms::mimo_channel d_channel;
    std::atomic<double> d_noise_variance;  // read by others than work()
    double d_tagged_noise_variance = -1.0; // the last that was told
    std::vector<gr::tag_t> d_tags;
    std::atomic<std::uint64_t> d_vectors{0}, d_channels{0}, d_not_finite{0};
    const pmt::pmt_t d_key = pmt::mp("noise_variance");
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_MIMO_CHANNEL_IMPL_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TDL_CHANNEL_IMPL_H
#define INCLUDED_FEWBIT_TDL_CHANNEL_IMPL_H

#include <gnuradio/fewbit/algorithms/link/awgn.h>
#include <gnuradio/fewbit/algorithms/link/tdl_channel.h>
#include <gnuradio/fewbit/tdl_channel.h>
#include <atomic>
#include <vector>

namespace gr {
namespace fewbit {

class tdl_channel_impl : public tdl_channel
{
public:
    tdl_channel_impl(std::size_t block_length,
                     double noise_variance,
                     std::unique_ptr<algorithms::tdl_channel> channel);

    void set_noise_variance(double noise_variance) override;
    double noise_variance() const override { return d_noise_variance; }
    void set_snr_db(double snr_db) override;
    void set_max_doppler(double hertz) override;
    void set_profile(const std::string& profile) override;

    bool start() override;
    void forecast(int noutput_items, gr_vector_int& ninput_items_required) override;
    int general_work(int noutput_items,
                     gr_vector_int& ninput_items,
                     gr_vector_const_void_star& input_items,
                     gr_vector_void_star& output_items) override;

private:
    void give_response(std::uint64_t item, gr_complex* response);
    void forward_tags(std::uint64_t n_samples);

    const std::size_t d_block_length;
    std::atomic<double> d_noise_variance;  // read by others than work()
    double d_tagged_noise_variance = -1.0; // the last that output 1 was told
    std::unique_ptr<algorithms::tdl_channel> d_channel;
    algorithms::awgn d_noise;
    std::vector<gr::tag_t> d_tags;
    const pmt::pmt_t d_key = pmt::mp("noise_variance");
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TDL_CHANNEL_IMPL_H */

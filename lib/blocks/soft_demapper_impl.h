/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_SOFT_DEMAPPER_IMPL_H
#define INCLUDED_FEWBIT_SOFT_DEMAPPER_IMPL_H

#include <gnuradio/fewbit/algorithms/link/soft_demapper.h>
#include <gnuradio/fewbit/soft_demapper.h>
#include <atomic>
#include <vector>

namespace gr {
namespace fewbit {

class soft_demapper_impl : public soft_demapper
{
public:
    soft_demapper_impl(std::size_t n_subcarriers,
                       const algorithms::soft_demapper& demapper,
                       float noise_variance);

    void set_noise_variance(float noise_variance) override;
    float noise_variance() const override;
    std::uint64_t erased() const override { return d_erased; }
    std::uint64_t bad_tags() const override { return d_bad_tags; }

    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    void collect_tags(int noutput_items);
    void take_noise_variance(const pmt::pmt_t& value);

    const std::size_t d_n_subcarriers;
    const algorithms::soft_demapper d_demapper;
    std::atomic<float> d_noise_variance; // read by others than work()
    std::atomic<std::uint64_t> d_erased{0};
    std::atomic<std::uint64_t> d_bad_tags{0};
    std::vector<gr::tag_t> d_tags; // of one work(), both inputs, in order
    std::vector<gr::tag_t> d_some_tags;
    const pmt::pmt_t d_key = pmt::mp("noise_variance");
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_SOFT_DEMAPPER_IMPL_H */

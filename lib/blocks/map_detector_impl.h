/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_MAP_DETECTOR_IMPL_H
#define INCLUDED_FEWBIT_MAP_DETECTOR_IMPL_H

#include "blocks/detector_output.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/map_detector.h>
#include <gnuradio/fewbit/map_detector.h>
#include <atomic>

namespace gr {
namespace fewbit {

class map_detector_impl : public map_detector
{
public:
    map_detector_impl(const algorithms::matrix& channel,
                      bool is_complex,
                      double noise_variance,
                      detector_output output,
                      const algorithms::map_detector& detector);

    void set_channel(const std::vector<gr_complex>& channel) override;
    void set_noise_variance(double noise_variance) override;
    double noise_variance() const override { return d_noise_variance; }
    void set_snr_db(double snr_db) override;
    std::map<std::string, std::uint64_t> counters() const override;

    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    algorithms::map_detector detector(double noise_variance) const;
    void take_noise_variance(const pmt::pmt_t& value);
    void decide(const float* x, std::size_t n, char* out);
    void decide_some(const float* x, std::size_t n, void* out);

    const bool d_is_complex;
    const std::size_t d_inputs, d_outputs; // n and k, real
    const detector_output d_output;
    const std::size_t d_item_bytes; // of the output
    algorithms::matrix d_channel;   // real
    std::atomic<double> d_noise_variance;
    algorithms::map_detector d_detector;
    std::vector<float> d_stacked;   // antenna values of a chunk as [Re; Im]
    std::vector<float> d_estimates; // of a chunk as [Re; Im]

    std::atomic<std::uint64_t> d_vectors{0}, d_not_finite{0}, d_bad_tags{0};
    std::vector<gr::tag_t> d_tags;
    const pmt::pmt_t d_key = pmt::mp("noise_variance");
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_MAP_DETECTOR_IMPL_H */

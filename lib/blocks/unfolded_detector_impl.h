/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_UNFOLDED_DETECTOR_IMPL_H
#define INCLUDED_FEWBIT_UNFOLDED_DETECTOR_IMPL_H

#include "blocks/control_port.h"
#include "blocks/refusals.h"
#include "blocks/work_speed.h"
#include <gnuradio/fewbit/algorithms/detection/channel_check.h>
#include <gnuradio/fewbit/algorithms/detection/detector.h>
#include <gnuradio/fewbit/unfolded_detector.h>
#include <array>
#include <atomic>
#include <mutex>
#include <vector>

namespace gr {
namespace fewbit {

//! What output 0 of an unfolded_detector holds.
enum class detection_output { bits, labels, symbols };

class unfolded_detector_impl : public unfolded_detector
{
public:
    unfolded_detector_impl(const std::string& text,
                           std::unique_ptr<algorithms::detector> detector,
                           std::size_t block_len,
                           detection_output output,
                           double noise_variance,
                           bool check_channels);

    void set_detector(const std::string& detector) override;
    bool request_detector(const std::string& detector) noexcept override;
    std::string detector() const override;
    void set_noise_variance(double noise_variance) override;
    double noise_variance() const override { return d_noise_variance; }
    double vectors_per_second() const override { return d_speed.rate(); }
    std::map<std::string, std::uint64_t> counters() const override;

    bool start() override;
    void forecast(int noutput_items, gr_vector_int& ninput_items_required) override;
    int general_work(int noutput_items,
                     gr_vector_int& ninput_items,
                     gr_vector_const_void_star& input_items,
                     gr_vector_void_star& output_items) override;

private:
    enum cause { bad_tag, bad_control, bad_detector, bad_setting };
    enum fault {
        channel_not_finite,
        channel_unusable,
        channel_zero,
        channel_singular,
        noise_zero,
        noise_missing,
        vector_not_finite,
        cut_short,
        n_faults
    };

    void change_detector(const std::string& detector);
    void count_fault(fault what, std::uint64_t times = 1);
    void swap_detector() noexcept;
    void read_tags(std::uint64_t n_vectors, std::uint64_t n_channels);
    void take_noise_variance(const pmt::pmt_t& value);
    void hear_of_noise(std::uint64_t vector, std::uint64_t channel);
    void inspect(const gr_complex* h, std::size_t count);
    void prepare(const gr_complex* h, std::size_t count, std::size_t vector);
    void detect(std::size_t from, std::size_t n, std::size_t first);
    std::size_t begin_blocks(std::size_t from, std::size_t most_vectors);
    void forward_tags(std::uint64_t n_vectors);

    const algorithms::detector_size d_size;
    const std::size_t d_block_len;
    const detection_output d_output;
    const bool d_check_channels;

    mutable std::mutex d_setters; // held by whoever makes a detector
    std::string d_text;
    // With d_setlock: the one at work, the one to come, and the one that work() put aside.
    std::unique_ptr<algorithms::detector> d_detector, d_next, d_old;

    std::atomic<double> d_noise_variance; // read by others than work()
    std::size_t d_position = 0;           // in a block; 0: the next vector begins one
    std::size_t d_last = 0;         // the number of that block's channel in d_detector
    std::uint64_t d_cut_short = 0;  // what that detector has told so far
    std::vector<gr_complex> d_held; // that channel, for a detector that comes meanwhile
    float d_held_noise = 0.0f;

    // Of the work() in progress.
    const gr_complex* d_y = nullptr;
    const gr_complex* d_h = nullptr;
    char* d_answers = nullptr;
    float* d_llrs = nullptr;
    std::size_t d_channels_left = 0, d_channels_used = 0;
    std::vector<gr::tag_t> d_vector_tags, d_channel_tags; // noise_variance, in order
    std::size_t d_vector_tag = 0, d_channel_tag = 0;      // the next of them
    std::vector<gr::tag_t> d_tags;

    std::vector<float> d_noise; // of the channels that are prepared together
    std::vector<std::uint8_t> d_labels;
    algorithms::channel_check d_check;
    std::vector<algorithms::channel_fault> d_channel_faults;

    std::array<std::atomic<std::uint64_t>, n_faults> d_faults{};
    work_speed d_speed;
    std::atomic<std::uint64_t> d_vectors{0}, d_channels{0}, d_swaps{0}, d_erased{0};
    refusals d_refused;
    control_port d_control;
    const pmt::pmt_t d_key = pmt::mp("noise_variance");
    const pmt::pmt_t d_control_port_name = pmt::mp("control");
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_UNFOLDED_DETECTOR_IMPL_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_LLR_COMPRESSOR_IMPL_H
#define INCLUDED_FEWBIT_LLR_COMPRESSOR_IMPL_H

#include "blocks/refusals.h"
#include <gnuradio/fewbit/algorithms/softbits/codec.h>
#include <gnuradio/fewbit/llr_compressor.h>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

class llr_compressor_impl : public llr_compressor
{
public:
    llr_compressor_impl(const std::string& codec, unsigned stats_every);

    void set_codec(const std::string& codec) override;
    std::string codec() const override;
    double bits_per_llr() const override;
    std::map<std::string, std::uint64_t> counters() const override;

    bool start() override;
    int general_work(int noutput_items,
                     gr_vector_int& ninput_items,
                     gr_vector_const_void_star& input_items,
                     gr_vector_void_star& output_items) override;

private:
    enum cause { not_a_pdu, wrong_type, wrong_length };

    void handle(const pmt::pmt_t& message);
    pmt::pmt_t compress(const float* llrs, std::size_t n_llrs);
    bool is_right_length(std::size_t n_llrs);
    void publish_stats();

    const pmt::pmt_t d_port = pmt::mp("pdus");
    const pmt::pmt_t d_stats_port = pmt::mp("stats");
    const unsigned d_stats_every;
    refusals d_refused;

    mutable std::mutex d_mutex; // of all below
    std::unique_ptr<algorithms::softbit_codec> d_codec;
    std::vector<std::uint8_t> d_container;
    std::uint64_t d_passed = 0;
    std::uint64_t d_llrs = 0;
    std::uint64_t d_bytes = 0;
    std::uint64_t d_codec_llrs = 0; // since the codec was set
    std::uint64_t d_codec_bytes = 0;
    bool d_stream_connected = false;
    std::deque<float>
        d_to_plot; // bits per LLR of packets that the stream has not had yet
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_LLR_COMPRESSOR_IMPL_H */

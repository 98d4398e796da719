/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_HYBRID_COMBINER_IMPL_H
#define INCLUDED_FEWBIT_HYBRID_COMBINER_IMPL_H

#include "blocks/control_port.h"
#include "blocks/refusals.h"
#include "blocks/staged_parts.h"
#include <gnuradio/fewbit/hybrid_combiner.h>
#include <atomic>
#include <mutex>

namespace gr {
namespace fewbit {

class hybrid_combiner_impl : public hybrid_combiner
{
public:
    hybrid_combiner_impl(const algorithms::analog_map& map,
                         bool is_complex,
                         std::size_t block_len);

    void set_map(const algorithms::analog_map& map, std::uint64_t design_id) override;
    void set_design(const std::string& design, std::uint64_t design_id) override;
    void set_agc(const std::string& mode) override;
    void set_gain(const std::vector<float>& gain) override;
    std::vector<float> gain() const override;
    std::string agc() const override;
    std::size_t inputs() const override { return d_inputs; }
    std::size_t outputs() const override { return d_outputs; }
    std::map<std::string, std::uint64_t> counters() const override;

    bool start() override;
    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    enum cause { bad_control, bad_design, bad_setting };

    algorithms::analog_map current_map() const;
    void replace(algorithms::analog_map map, std::uint64_t design_id);
    void tag_design();
    void tag_gain(std::uint64_t item, float gain);
    void count_vectors(const float* x, std::size_t n_vectors);

    const bool d_is_complex;
    const std::size_t d_inputs;  // n, real
    const std::size_t d_outputs; // p
    const std::size_t d_block_len;
    const std::size_t d_chunk; // vectors combined at a time, whole blocks
    std::mutex d_setters; // held by whoever changes the map, while it makes the new one
    staged_parts<algorithms::analog_map> d_map;
    std::uint64_t d_design_id = 0;
    bool d_design_is_told = true;
    std::uint64_t d_counted_id = 0; // the latest that d_designs counts
    float d_told_gain = 1.0f;       // what the latest agc_gain tag said
    std::vector<float> d_gains;     // [d_chunk]

    std::atomic<std::uint64_t> d_vectors{0}, d_not_finite{0}, d_designs{0};
    refusals d_refused;
    control_port d_control;
    const pmt::pmt_t d_design_key = pmt::mp("design");
    const pmt::pmt_t d_gain_key = pmt::mp("agc_gain");
    const pmt::pmt_t d_control_port_name = pmt::mp("control");
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_HYBRID_COMBINER_IMPL_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_DIGITAL_DETECTOR_IMPL_H
#define INCLUDED_FEWBIT_DIGITAL_DETECTOR_IMPL_H

#include "blocks/control_port.h"
#include "blocks/detector_output.h"
#include "blocks/pilot_refit.h"
#include "blocks/refusals.h"
#include "blocks/staged_parts.h"
#include <gnuradio/fewbit/digital_detector.h>
#include <atomic>
#include <mutex>

namespace gr {
namespace fewbit {

class digital_detector_impl : public digital_detector
{
public:
    digital_detector_impl(const algorithms::digital_map& map,
                          detector_output output,
                          const refit_settings& settings);

    void set_map(const algorithms::digital_map& map, std::uint64_t design_id) override;
    void set_design(const std::string& design, std::uint64_t design_id) override;
    void set_affine(const std::vector<float>& weight,
                    const std::vector<float>& bias) override;
    void set_log_likelihood(const std::vector<float>& log_likelihood) override;
    algorithms::digital_map map() const override;

    void set_refit(const std::string& mode) override;
    void set_refit_pilots(std::size_t pilots) override;
    void set_forgetting(double forgetting) override;
    void refit_now() override { d_wants_refit = true; }

    std::map<std::string, std::uint64_t> counters() const override;

    bool start() override;
    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    enum cause {
        bad_control,
        bad_design,
        bad_setting,
        bad_gain,
        bad_pilot,
        too_few_pilots,
        singular,
        not_finite,
        not_refittable
    };

    //! A map, and what its pilots have told of it.
    struct learning_map {
        algorithms::digital_map map;
        std::unique_ptr<pilot_refit> refit;
    };

    std::map<std::string, control_port::action> actions();
    void check_fits(const algorithms::digital_map& map) const;
    //! Refit otherwise, and begin to gather pilots anew.
    void change_refit(const refit_settings& settings);

    void read_tags(std::size_t n_vectors);
    void decide(std::size_t end);
    void take_design(const pmt::pmt_t& value);
    void take_gain(const pmt::pmt_t& value);
    void take_pilot(const pmt::pmt_t& value, std::size_t item);
    void refit(std::uint64_t item);
    void
    report(std::uint64_t item, const char* outcome, const pilot_refit::errors* errors);

    const std::size_t d_adcs, d_outputs, d_classes; // p, k, 2^k (estimation: 0)
    const detector_output d_output;
    const std::size_t d_item_bytes; // of the output
    std::mutex d_setters;           // held by whoever makes a map or a learner
    staged_parts<learning_map> d_map;
    refit_settings d_refit; // changes with both locks held
    std::atomic<bool> d_wants_refit{false};

    // Of the work() in progress.
    const std::uint8_t* d_codes = nullptr; // all of its vectors
    char* d_decided = nullptr;
    std::size_t d_done = 0; // vectors decided
    std::vector<gr::tag_t> d_tags;

    float d_gain = 1.0f;          // the AGC's, of the vector at hand
    std::vector<float> d_gains;   // the same for a chunk of vectors
    std::vector<float> d_stacked; // estimates of a chunk as [Re; Im]

    std::atomic<std::uint64_t> d_vectors{0}, d_pilots{0}, d_refits{0}, d_designs{0},
        d_unknown_designs{0};
    refusals d_refused;
    control_port d_control;
    const pmt::pmt_t d_design_key = pmt::mp("design");
    const pmt::pmt_t d_gain_key = pmt::mp("agc_gain");
    const pmt::pmt_t d_pilot_key = pmt::mp("pilot");
    const pmt::pmt_t d_control_port_name = pmt::mp("control");
    const pmt::pmt_t d_report_port = pmt::mp("report");
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_DIGITAL_DETECTOR_IMPL_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_LEARNED_ADC_IMPL_H
#define INCLUDED_FEWBIT_LEARNED_ADC_IMPL_H

#include "blocks/control_port.h"
#include "blocks/refusals.h"
#include "blocks/staged_parts.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/threshold_scatter.h>
#include <gnuradio/fewbit/learned_adc.h>
#include <atomic>
#include <mutex>

namespace gr {
namespace fewbit {

class learned_adc_impl : public learned_adc
{
public:
    learned_adc_impl(const algorithms::scalar_adc& adc,
                     const algorithms::adc_impairment_settings& faults,
                     double threshold_deviation);

    void set_adc(const algorithms::scalar_adc& adc, std::uint64_t design_id) override;
    void set_design(const std::string& design, std::uint64_t design_id) override;
    void set_thresholds(const std::vector<float>& thresholds) override;
    std::vector<float> thresholds() const override;
    std::vector<unsigned> levels() const override;
    std::size_t adcs() const override { return d_adcs; }

    void set_offset_deviation(double deviation) override;
    void set_gain_deviation(double deviation) override;
    void set_threshold_deviation(double deviation) override;
    void set_offsets(const std::vector<float>& offsets) override;
    void set_gain_errors(const std::vector<float>& errors) override;
    std::vector<float> offsets() const override;
    std::vector<float> gain_errors() const override;
    void set_jitter(double deviation) override;
    void set_noise(double deviation) override;

    std::map<std::string, std::uint64_t> counters() const override;

    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    enum cause { bad_control, bad_design, bad_setting };

    //! ADCs as they were given, and with their thresholds scattered.
    struct scattered_adc {
        algorithms::scalar_adc given, used;
    };
    using adcs_of_designs = staged_parts<scattered_adc>;

    std::map<std::string, control_port::action> actions();
    algorithms::scalar_adc current_adc() const;
    scattered_adc scattered(const algorithms::scalar_adc& adc) const;
    bool has_faults() const;
    //! Change a fault under the lock, and see whether any is left.
    template <typename Change>
    void change_faults(Change change);
    void take_design(const pmt::pmt_t& value);
    void quantize(const float* z, std::size_t n_vectors, std::uint8_t* codes);

    const std::size_t d_adcs; // p
    const std::uint64_t d_seed;
    std::mutex d_setters; // held by whoever changes the ADCs, while it makes the new ones
    double d_threshold_deviation; // changes with d_setters held
    adcs_of_designs d_adc;

    algorithms::adc_impairments d_faults;
    double d_jitter, d_noise;
    bool d_has_faults;
    std::vector<float> d_faulty; // ADC inputs of a chunk of vectors, with the faults

    std::atomic<std::uint64_t> d_vectors{0}, d_designs{0}, d_unknown_designs{0};
    std::vector<gr::tag_t> d_tags;
    refusals d_refused;
    control_port d_control;
    const pmt::pmt_t d_design_key = pmt::mp("design");
    const pmt::pmt_t d_control_port_name = pmt::mp("control");
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_LEARNED_ADC_IMPL_H */

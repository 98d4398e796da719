/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_IMPL_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_IMPL_H

#include "blocks/control_desk.h"
#include "blocks/refusals.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/named_quantizer.h>
#include <gnuradio/fewbit/task_quantizer.h>
#include <mutex>
#include <optional>

namespace gr {
namespace fewbit {

class task_quantizer_impl : public task_quantizer
{
public:
    //! The blocks that do the work: the first three, or the last.
    struct parts {
        hybrid_combiner::sptr combiner;
        learned_adc::sptr adc;
        digital_detector::sptr detector;
        map_detector::sptr map;

        gr::basic_block_sptr first() const;
        gr::basic_block_sptr last() const;
    };

    //! \param named the design; none for "map"
    task_quantizer_impl(const std::string& design,
                        const std::optional<algorithms::named_quantizer>& named,
                        const known_channel& channel,
                        bool is_complex,
                        const parts& blocks);

    void set_design(const std::string& design) override;
    bool request_design(const std::string& design) noexcept override;
    std::string design() const override;
    void set_noise_variance(double noise_variance) override;
    void set_snr_db(double snr_db) override;
    void set_faults(double offset_deviation,
                    double threshold_deviation,
                    double gain_deviation,
                    double jitter,
                    double noise) override;
    void set_refit(const std::string& mode) override;

    hybrid_combiner::sptr combiner() const override { return d_parts.combiner; }
    learned_adc::sptr adc() const override { return d_parts.adc; }
    digital_detector::sptr detector() const override { return d_parts.detector; }
    map_detector::sptr map() const override { return d_parts.map; }
    std::map<std::string, std::uint64_t> counters() const override;

private:
    enum cause { bad_control, bad_design, bad_setting };

    std::map<std::string, control_port::action> actions();
    void change_design(const std::string& design);
    void check_fits(const algorithms::task_quantizer& quantizer) const;
    void put_in_place(const algorithms::task_quantizer& quantizer);

    const bool d_is_complex;
    const parts d_parts;
    mutable std::mutex d_mutex; // guards what follows; held while a design is made
    known_channel d_channel;
    std::string d_design;
    std::optional<algorithms::named_quantizer> d_named; // none for "map"
    std::uint64_t d_last_id = 0;

    refusals d_refused;
    std::shared_ptr<control_desk> d_desk;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_IMPL_H */

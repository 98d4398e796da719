/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/task_quantizer_impl.h"

#include "blocks/known_channel.h"
#include "blocks/snr.h"
#include <gnuradio/io_signature.h>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {

using algorithms::named_quantizer;

namespace {

const char* const map_name = "map";

named_quantizer named(const std::string& design,
                      const task_quantizer::known_channel& channel,
                      bool is_complex)
{
    return named_quantizer(
        design,
        real_channel("task_quantizer", channel.matrix, channel.n, channel.k, is_complex),
        noise_of_a_real(channel.noise_variance, is_complex),
        is_complex);
}

void check_inputs(const algorithms::task_quantizer& quantizer, bool is_complex)
{
    if (is_complex && !quantizer.complex_inputs())
        throw std::invalid_argument("task_quantizer: type is 'complex' and the design's "
                                    "inputs are real, expected 'float'");
}

double checked_noise(double noise_variance)
{
    if (!(noise_variance > 0.0 && std::isfinite(noise_variance)))
        throw std::invalid_argument("task_quantizer: noise_variance is " +
                                    std::to_string(noise_variance) +
                                    ", expected a positive number");
    return noise_variance;
}

} // namespace

task_quantizer::sptr task_quantizer::make(const std::string& design,
                                          const std::string& type,
                                          const std::string& output,
                                          const known_channel& channel,
                                          const settings& how)
{
    checked_noise(channel.noise_variance);
    const bool is_complex = type == "complex";
    task_quantizer_impl::parts parts;
    std::optional<named_quantizer> name;
    if (design == map_name) {
        if (channel.matrix.empty())
            throw std::invalid_argument(
                "task_quantizer: 'map' follows from the channel, which was not given");
        parts.map = map_detector::make(
            channel.matrix, channel.n, channel.k, type, channel.noise_variance, output);
    } else {
        name = named(design, channel, is_complex);
        const auto quantizer =
            name->at(noise_of_a_real(channel.noise_variance, is_complex));
        check_inputs(quantizer, is_complex);
        parts.combiner = hybrid_combiner::make(quantizer.analog(), type, how.block_len);
        parts.adc =
            learned_adc::make(quantizer.adc(), how.faults, how.threshold_deviation);
        parts.detector = digital_detector::make(quantizer.digital(),
                                                output,
                                                how.refit,
                                                how.refit_pilots,
                                                how.forgetting,
                                                how.ridge);
    }
    return gnuradio::make_block_sptr<task_quantizer_impl>(
        design, name, channel, is_complex, parts);
}

gr::basic_block_sptr task_quantizer_impl::parts::first() const
{
    return map ? gr::basic_block_sptr(map) : gr::basic_block_sptr(combiner);
}

gr::basic_block_sptr task_quantizer_impl::parts::last() const
{
    return map ? gr::basic_block_sptr(map) : gr::basic_block_sptr(detector);
}

task_quantizer_impl::task_quantizer_impl(const std::string& design,
                                         const std::optional<named_quantizer>& name,
                                         const known_channel& channel,
                                         bool is_complex,
                                         const parts& blocks)
    : gr::hier_block2("task_quantizer",
                      blocks.first()->input_signature(),
                      blocks.last()->output_signature()),
      d_is_complex(is_complex),
      d_parts(blocks),
      d_channel(channel),
      d_design(design),
      d_named(name),
      d_refused(d_logger,
                {"bad_control", "bad_design", "bad_setting"},
                basic_block::name()),
      d_desk(control_desk::make(control_port(d_refused, bad_control, actions())))
{
    connect(self(), 0, d_parts.first(), 0);
    if (!d_parts.map) {
        connect(d_parts.combiner, 0, d_parts.adc, 0);
        connect(d_parts.adc, 0, d_parts.detector, 0);
    }
    connect(d_parts.last(), 0, self(), 0);
    message_port_register_hier_in(pmt::mp("control"));
    message_port_register_hier_out(pmt::mp("report"));
    msg_connect(self(), "control", d_desk, "control");
    if (d_parts.detector)
        msg_connect(d_parts.detector, "report", self(), "report");
}

// --- messages ---

std::map<std::string, control_port::action> task_quantizer_impl::actions()
{
    std::map<std::string, control_port::action> all{
        {"design", [this](const pmt::pmt_t& v) { set_design(control_port::text(v)); }},
        {"noise_variance",
         [this](const pmt::pmt_t& v) { set_noise_variance(control_port::number(v)); }},
    };
    if (d_parts.map)
        return all;
    // What is a part's is the part's to judge.
    const auto forward = [&all](const gr::basic_block_sptr& part,
                                const std::vector<const char*>& keys) {
        for (const char* key : keys)
            all[key] = [part, key = pmt::mp(key)](const pmt::pmt_t& value) {
                part->_post(pmt::mp("control"),
                            pmt::dict_add(pmt::make_dict(), key, value));
            };
    };
    forward(d_parts.combiner, {"agc", "gain"});
    forward(d_parts.adc,
            {"thresholds",
             "offsets",
             "gain_errors",
             "offset_deviation",
             "threshold_deviation",
             "gain_deviation",
             "jitter",
             "noise"});
    forward(d_parts.detector,
            {"weight",
             "bias",
             "log_likelihood",
             "refit",
             "refit_pilots",
             "forgetting",
             "refit_now"});
    return all;
}

// --- designs ---

void task_quantizer_impl::check_fits(const algorithms::task_quantizer& quantizer) const
{
    const algorithms::digital_map& digital = quantizer.digital();
    const algorithms::digital_map old = d_parts.detector->map();
    const auto sizes = [](std::size_t inputs, const algorithms::digital_map& map) {
        return std::to_string(inputs) + " real inputs, " + std::to_string(map.adcs()) +
               " ADCs and " + std::to_string(map.outputs()) +
               (map.classes() > 0 ? " bits" : " numbers");
    };
    if (quantizer.inputs() != d_parts.combiner->inputs() ||
        digital.adcs() != old.adcs() || digital.outputs() != old.outputs() ||
        digital.classes() != old.classes())
        throw std::invalid_argument("task_quantizer: the new design is of " +
                                    sizes(quantizer.inputs(), digital) + ", expected " +
                                    sizes(d_parts.combiner->inputs(), old));
}

// The combiner last: its tag must find the others prepared.
void task_quantizer_impl::put_in_place(const algorithms::task_quantizer& quantizer)
{
    const std::uint64_t id = ++d_last_id;
    d_parts.adc->set_adc(quantizer.adc(), id);
    d_parts.detector->set_map(quantizer.digital(), id);
    d_parts.combiner->set_map(quantizer.analog(), id);
}

void task_quantizer_impl::change_design(const std::string& design)
{
    std::lock_guard<std::mutex> lock(d_mutex);
    if (design == d_design && design == map_name)
        return;
    if (design == map_name || d_design == map_name)
        throw std::invalid_argument("task_quantizer: the design is '" + d_design +
                                    "' and cannot become '" + design + "' while it runs");
    const named_quantizer name = named(design, d_channel, d_is_complex);
    const auto quantizer =
        name.at(noise_of_a_real(d_channel.noise_variance, d_is_complex));
    check_inputs(quantizer, d_is_complex);
    check_fits(quantizer);
    put_in_place(quantizer);
    d_named = name;
    d_design = design;
}

void task_quantizer_impl::set_design(const std::string& design)
{
    d_refused.guard(bad_design, [&] { change_design(design); });
}

bool task_quantizer_impl::request_design(const std::string& design) noexcept
{
    try {
        change_design(design);
        return true;
    } catch (const std::exception& refused) {
        d_refused.count_silently(bad_design);
        d_logger->error("{}; the design stays as it is", d_refused.sentence_of(refused));
        return false;
    }
}

std::string task_quantizer_impl::design() const
{
    std::lock_guard<std::mutex> lock(d_mutex);
    return d_design;
}

void task_quantizer_impl::set_noise_variance(double noise_variance)
{
    std::lock_guard<std::mutex> lock(d_mutex);
    d_refused.guard(bad_setting, [&] { checked_noise(noise_variance); });
    d_channel.noise_variance = noise_variance;
    if (d_parts.map)
        d_parts.map->set_noise_variance(noise_variance);
    else if (d_named->depends_on_noise())
        put_in_place(d_named->at(noise_of_a_real(noise_variance, d_is_complex)));
}

void task_quantizer_impl::set_snr_db(double snr_db)
{
    set_noise_variance(noise_variance_at("task_quantizer", snr_db));
}

// --- the parts' ---

void task_quantizer_impl::set_faults(double offset_deviation,
                                     double threshold_deviation,
                                     double gain_deviation,
                                     double jitter,
                                     double noise)
{
    if (!d_parts.adc)
        return;
    d_parts.adc->set_offset_deviation(offset_deviation);
    d_parts.adc->set_threshold_deviation(threshold_deviation);
    d_parts.adc->set_gain_deviation(gain_deviation);
    d_parts.adc->set_jitter(jitter);
    d_parts.adc->set_noise(noise);
}

void task_quantizer_impl::set_refit(const std::string& mode)
{
    if (d_parts.detector)
        d_parts.detector->set_refit(mode);
}

std::map<std::string, std::uint64_t> task_quantizer_impl::counters() const
{
    std::map<std::string, std::uint64_t> named;
    d_refused.add_to(named);
    const auto add = [&named](const std::string& part, const auto& block) {
        if (block)
            for (const auto& [name, count] : block->counters())
                named[part + "." + name] = count;
    };
    add("combiner", d_parts.combiner);
    add("adc", d_parts.adc);
    add("detector", d_parts.detector);
    add("map", d_parts.map);
    return named;
}

} // namespace fewbit
} // namespace gr

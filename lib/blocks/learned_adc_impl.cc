/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/learned_adc_impl.h"

#include "blocks/design_tag.h"
#include "blocks/frame_item.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/task_quantizer.h>
#include <gnuradio/io_signature.h>
#include <gnuradio/thread/thread.h>
#include <algorithm>
#include <stdexcept>

namespace gr {
namespace fewbit {

using algorithms::adc_impairment_settings;
using algorithms::adc_impairments;
using algorithms::scalar_adc;

namespace {

constexpr std::size_t chunk = 64; // vectors that faults are applied to at a time

// Other draws than the offsets and gain errors of the same seed.
std::uint64_t scatter_seed(std::uint64_t seed) { return ~seed; }

bool any(const std::vector<float>& values)
{
    return std::any_of(values.begin(), values.end(), [](float v) { return v != 0.0f; });
}

} // namespace

learned_adc::sptr learned_adc::make(const scalar_adc& adc,
                                    const adc_impairment_settings& faults,
                                    double threshold_deviation)
{
    return gnuradio::make_block_sptr<learned_adc_impl>(adc, faults, threshold_deviation);
}

learned_adc::sptr learned_adc::make(const std::string& design,
                                    const adc_impairment_settings& faults,
                                    double threshold_deviation)
{
    return make(algorithms::task_quantizer(design).adc(), faults, threshold_deviation);
}

learned_adc_impl::learned_adc_impl(const scalar_adc& adc,
                                   const adc_impairment_settings& faults,
                                   double threshold_deviation)
    : gr::sync_block(
          "learned_adc",
          gr::io_signature::make(1, 1, frame_bytes(frame_item::floating, adc.adcs())),
          gr::io_signature::make(1, 1, frame_bytes(frame_item::byte, adc.adcs()))),
      d_adcs(adc.adcs()),
      d_seed(faults.seed),
      d_threshold_deviation(threshold_deviation),
      d_adc(scattered(adc)),
      d_faults(adc.adcs(), faults),
      d_jitter(faults.jitter),
      d_noise(faults.noise_deviation),
      d_has_faults(has_faults()),
      d_faulty(chunk * adc.adcs()),
      d_refused(d_logger, {"bad_control", "bad_design", "bad_setting"}, name()),
      d_control(d_refused, bad_control, actions())
{
    message_port_register_in(d_control_port_name);
    set_msg_handler(d_control_port_name,
                    [this](const pmt::pmt_t& m) { d_control.handle(m); });
}

std::map<std::string, control_port::action> learned_adc_impl::actions()
{
    using port = control_port;
    return {
        {"thresholds", [this](const pmt::pmt_t& v) { set_thresholds(port::floats(v)); }},
        {"offsets", [this](const pmt::pmt_t& v) { set_offsets(port::floats(v)); }},
        {"gain_errors",
         [this](const pmt::pmt_t& v) { set_gain_errors(port::floats(v)); }},
        {"offset_deviation",
         [this](const pmt::pmt_t& v) { set_offset_deviation(port::number(v)); }},
        {"threshold_deviation",
         [this](const pmt::pmt_t& v) { set_threshold_deviation(port::number(v)); }},
        {"gain_deviation",
         [this](const pmt::pmt_t& v) { set_gain_deviation(port::number(v)); }},
        {"jitter", [this](const pmt::pmt_t& v) { set_jitter(port::number(v)); }},
        {"noise", [this](const pmt::pmt_t& v) { set_noise(port::number(v)); }},
        {"design", [this](const pmt::pmt_t& v) { set_design(port::text(v), 0); }},
    };
}

// --- settings ---

scalar_adc learned_adc_impl::current_adc() const
{
    gr::thread::scoped_lock guard(const_cast<learned_adc_impl*>(this)->d_setlock);
    return d_adc.current().given;
}

learned_adc_impl::scattered_adc learned_adc_impl::scattered(const scalar_adc& adc) const
{
    if (d_threshold_deviation == 0.0)
        return {adc, adc};
    return {
        adc,
        algorithms::threshold_scatter(adc, d_threshold_deviation, scatter_seed(d_seed))};
}

void learned_adc_impl::set_adc(const scalar_adc& adc, std::uint64_t design_id)
{
    std::lock_guard<std::mutex> one_at_a_time(d_setters);
    d_refused.guard(bad_design, [&] {
        if (adc.adcs() != d_adcs)
            throw std::invalid_argument("learned_adc: the new design has " +
                                        std::to_string(adc.adcs()) + " ADCs, expected " +
                                        std::to_string(d_adcs));
    });
    auto node = adcs_of_designs::make_node(design_id, scattered(adc));
    auto trash = adcs_of_designs::node();
    gr::thread::scoped_lock guard(d_setlock);
    if (design_id == 0) {
        d_adc.replace(node);
        ++d_designs;
    } else {
        d_adc.stage(node);
    }
    trash = d_adc.trash();
}

void learned_adc_impl::set_design(const std::string& design, std::uint64_t design_id)
{
    std::unique_ptr<algorithms::task_quantizer> loaded;
    d_refused.guard(bad_design, [&] {
        loaded = std::make_unique<algorithms::task_quantizer>(design);
    });
    set_adc(loaded->adc(), design_id);
}

void learned_adc_impl::set_thresholds(const std::vector<float>& thresholds)
{
    std::lock_guard<std::mutex> one_at_a_time(d_setters);
    d_refused.guard(bad_setting, [&] {
        const scalar_adc old = current_adc();
        auto node = adcs_of_designs::make_node(
            0, scattered(scalar_adc(old.levels(), thresholds, old.values())));
        auto trash = adcs_of_designs::node();
        gr::thread::scoped_lock guard(d_setlock);
        node.front().id = d_adc.current_id(); // it is the same design as before
        d_adc.replace(node);
        trash = d_adc.trash();
    });
}

std::vector<float> learned_adc_impl::thresholds() const
{
    return current_adc().thresholds();
}

std::vector<unsigned> learned_adc_impl::levels() const { return current_adc().levels(); }

bool learned_adc_impl::has_faults() const
{
    return any(d_faults.offsets()) || any(d_faults.gain_errors()) || d_jitter != 0.0 ||
           d_noise != 0.0;
}

template <typename Change>
void learned_adc_impl::change_faults(Change change)
{
    d_refused.guard(bad_setting, [&] {
        gr::thread::scoped_lock guard(d_setlock);
        change();
        d_has_faults = has_faults();
    });
}

void learned_adc_impl::set_offset_deviation(double deviation)
{
    change_faults([&] {
        adc_impairment_settings drawn;
        drawn.offset_deviation = deviation;
        drawn.seed = d_seed;
        d_faults.set_offsets(adc_impairments(d_adcs, drawn).offsets());
    });
}

void learned_adc_impl::set_gain_deviation(double deviation)
{
    change_faults([&] {
        adc_impairment_settings drawn;
        drawn.gain_deviation = deviation;
        drawn.seed = d_seed;
        d_faults.set_gain_errors(adc_impairments(d_adcs, drawn).gain_errors());
    });
}

// As cheap to make as to look at: all are made under the lock.
void learned_adc_impl::set_threshold_deviation(double deviation)
{
    std::lock_guard<std::mutex> one_at_a_time(d_setters);
    d_refused.guard(bad_setting, [&] {
        algorithms::threshold_scatter(current_adc(), deviation, 0); // or it throws
        gr::thread::scoped_lock guard(d_setlock);
        d_threshold_deviation = deviation;
        d_adc.each([this](auto& one) { one.part = scattered(one.part.given); });
    });
}

void learned_adc_impl::set_offsets(const std::vector<float>& offsets)
{
    change_faults([&] { d_faults.set_offsets(offsets); });
}

void learned_adc_impl::set_gain_errors(const std::vector<float>& errors)
{
    change_faults([&] { d_faults.set_gain_errors(errors); });
}

void learned_adc_impl::set_jitter(double deviation)
{
    change_faults([&] {
        d_faults.set_jitter(deviation);
        d_jitter = deviation;
    });
}

void learned_adc_impl::set_noise(double deviation)
{
    change_faults([&] {
        d_faults.set_noise_deviation(deviation);
        d_noise = deviation;
    });
}

std::vector<float> learned_adc_impl::offsets() const
{
    gr::thread::scoped_lock guard(const_cast<learned_adc_impl*>(this)->d_setlock);
    return d_faults.offsets();
}

std::vector<float> learned_adc_impl::gain_errors() const
{
    gr::thread::scoped_lock guard(const_cast<learned_adc_impl*>(this)->d_setlock);
    return d_faults.gain_errors();
}

std::map<std::string, std::uint64_t> learned_adc_impl::counters() const
{
    std::map<std::string, std::uint64_t> named{{"vectors", d_vectors},
                                               {"designs", d_designs},
                                               {"unknown_designs", d_unknown_designs}};
    d_refused.add_to(named);
    return named;
}

// --- the stream ---

void learned_adc_impl::take_design(const pmt::pmt_t& value)
{
    const std::uint64_t id = design_of(value);
    if (d_adc.take(id))
        ++d_designs;
    else if (id != 0 && id == d_adc.current_id())
        return; // told again, after a restart
    else if (++d_unknown_designs == 1)
        d_logger->warn(
            "a design tag names design {}, which this block was not given; the "
            "ADCs stay, and further ones are counted silently",
            id);
}

void learned_adc_impl::quantize(const float* z,
                                std::size_t n_vectors,
                                std::uint8_t* codes)
{
    const scalar_adc& adc = d_adc.current().used;
    if (!d_has_faults)
        return adc.quantize(z, n_vectors, codes);
    while (n_vectors > 0) {
        const std::size_t now = std::min(n_vectors, chunk);
        d_faults.apply(z, now, d_faulty.data());
        adc.quantize(d_faulty.data(), now, codes);
        z += now * d_adcs;
        codes += now * d_adcs;
        n_vectors -= now;
    }
}

int learned_adc_impl::work(int noutput_items,
                           gr_vector_const_void_star& input_items,
                           gr_vector_void_star& output_items)
{
    gr::thread::scoped_lock guard(d_setlock);
    const auto n_vectors = static_cast<std::size_t>(noutput_items);
    const auto* z = static_cast<const float*>(input_items[0]);
    auto* codes = static_cast<std::uint8_t*>(output_items[0]);
    get_tags_in_window(d_tags, 0, 0, n_vectors, d_design_key);
    std::sort(d_tags.begin(), d_tags.end(), gr::tag_t::offset_compare);
    std::size_t done = 0;
    for (const auto& tag : d_tags) {
        const std::size_t at = tag.offset - nitems_read(0);
        quantize(z + done * d_adcs, at - done, codes + done * d_adcs);
        done = at;
        take_design(tag.value);
    }
    quantize(z + done * d_adcs, n_vectors - done, codes + done * d_adcs);
    d_vectors += n_vectors;
    return noutput_items;
}

} // namespace fewbit
} // namespace gr

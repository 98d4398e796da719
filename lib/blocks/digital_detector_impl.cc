/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/digital_detector_impl.h"

#include "blocks/design_tag.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/task_quantizer.h>
#include <gnuradio/io_signature.h>
#include <gnuradio/thread/thread.h>
#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {

using algorithms::digital_map;

namespace {

constexpr std::size_t chunk = 64; // vectors whose gains, or estimates, are written out

std::size_t checked_pilots(std::size_t pilots)
{
    if (pilots < 1)
        throw std::invalid_argument(
            "digital_detector: refit_pilots is 0, expected at least 1");
    return pilots;
}

double checked_forgetting(double forgetting)
{
    if (!(forgetting > 0.0 && forgetting <= 1.0))
        throw std::invalid_argument("digital_detector: forgetting is " +
                                    std::to_string(forgetting) +
                                    ", expected more than 0 and at most 1");
    return forgetting;
}

double checked_ridge(double ridge)
{
    if (!(ridge >= 0.0 && std::isfinite(ridge)))
        throw std::invalid_argument("digital_detector: ridge is " +
                                    std::to_string(ridge) + ", expected 0 or more");
    return ridge;
}

} // namespace

digital_detector::sptr digital_detector::make(const digital_map& map,
                                              const std::string& output,
                                              const std::string& refit,
                                              std::size_t refit_pilots,
                                              double forgetting,
                                              double ridge)
{
    check_refit_mode(refit_mode_named(refit), map);
    return gnuradio::make_block_sptr<digital_detector_impl>(
        map,
        detector_output_named("digital_detector", output, map.classes(), map.outputs()),
        refit_settings{refit_mode_named(refit),
                       checked_pilots(refit_pilots),
                       checked_forgetting(forgetting),
                       checked_ridge(ridge)});
}

digital_detector::sptr digital_detector::make(const std::string& design,
                                              const std::string& output,
                                              const std::string& refit,
                                              std::size_t refit_pilots,
                                              double forgetting,
                                              double ridge)
{
    return make(algorithms::task_quantizer(design).digital(),
                output,
                refit,
                refit_pilots,
                forgetting,
                ridge);
}

digital_detector_impl::digital_detector_impl(const digital_map& map,
                                             detector_output output,
                                             const refit_settings& settings)
    : gr::sync_block(
          "digital_detector",
          gr::io_signature::make(1, 1, frame_bytes(frame_item::byte, map.adcs())),
          gr::io_signature::make(
              1,
              1,
              detector_item_bytes(output, map.classes(), map.outputs()))),
      d_adcs(map.adcs()),
      d_outputs(map.outputs()),
      d_classes(map.classes()),
      d_output(output),
      d_item_bytes(static_cast<std::size_t>(
          detector_item_bytes(output, map.classes(), map.outputs()))),
      d_map(learning_map{map, std::make_unique<pilot_refit>(map, settings)}),
      d_refit(settings),
      d_gains(chunk),
      d_stacked(chunk * map.outputs()),
      d_refused(d_logger,
                {"bad_control",
                 "bad_design",
                 "bad_setting",
                 "bad_gain",
                 "bad_pilot",
                 "too_few_pilots",
                 "singular",
                 "not_finite",
                 "not_refittable"},
                name()),
      d_control(d_refused, bad_control, actions())
{
    message_port_register_in(d_control_port_name);
    message_port_register_out(d_report_port);
    set_msg_handler(d_control_port_name,
                    [this](const pmt::pmt_t& m) { d_control.handle(m); });
}

std::map<std::string, control_port::action> digital_detector_impl::actions()
{
    using port = control_port;
    // Weight and bias come in one message, but as two keys: each keeps the other's values.
    return {
        {"weight",
         [this](const pmt::pmt_t& v) { set_affine(port::floats(v), map().bias()); }},
        {"bias",
         [this](const pmt::pmt_t& v) { set_affine(map().weight(), port::floats(v)); }},
        {"log_likelihood",
         [this](const pmt::pmt_t& v) { set_log_likelihood(port::floats(v)); }},
        {"refit", [this](const pmt::pmt_t& v) { set_refit(port::text(v)); }},
        {"refit_pilots",
         [this](const pmt::pmt_t& v) { set_refit_pilots(port::count(v)); }},
        {"forgetting", [this](const pmt::pmt_t& v) { set_forgetting(port::number(v)); }},
        {"refit_now", [this](const pmt::pmt_t&) { refit_now(); }},
        {"design", [this](const pmt::pmt_t& v) { set_design(port::text(v), 0); }},
    };
}

// --- settings ---

void digital_detector_impl::check_fits(const digital_map& map) const
{
    const auto sizes = [](std::size_t adcs, std::size_t outputs, bool detects) {
        return std::to_string(adcs) + " ADCs, " + std::to_string(outputs) +
               (detects ? " bits" : " numbers");
    };
    if (map.adcs() != d_adcs || map.outputs() != d_outputs || map.classes() != d_classes)
        throw std::invalid_argument("digital_detector: the new map is of " +
                                    sizes(map.adcs(), map.outputs(), map.classes() > 0) +
                                    ", expected " +
                                    sizes(d_adcs, d_outputs, d_classes > 0));
}

void digital_detector_impl::set_map(const digital_map& map, std::uint64_t design_id)
{
    d_refused.guard(bad_design, [&] { check_fits(map); });
    std::lock_guard<std::mutex> one_at_a_time(d_setters);
    auto node = staged_parts<learning_map>::make_node(
        design_id, learning_map{map, std::make_unique<pilot_refit>(map, d_refit)});
    auto trash = staged_parts<learning_map>::node();
    gr::thread::scoped_lock guard(d_setlock);
    if (design_id == 0) {
        d_map.replace(node);
        ++d_designs;
    } else {
        d_map.stage(node);
    }
    trash = d_map.trash();
}

void digital_detector_impl::set_design(const std::string& design, std::uint64_t design_id)
{
    std::unique_ptr<algorithms::task_quantizer> loaded;
    d_refused.guard(bad_design, [&] {
        loaded = std::make_unique<algorithms::task_quantizer>(design);
    });
    set_map(loaded->digital(), design_id);
}

void digital_detector_impl::set_affine(const std::vector<float>& weight,
                                       const std::vector<float>& bias)
{
    d_refused.guard(bad_setting, [&] {
        gr::thread::scoped_lock guard(d_setlock);
        digital_map& map = d_map.current().map;
        if (weight.size() != map.weight().size() || bias.size() != map.bias().size() ||
            !map.replace_affine(weight.data(), bias.data()))
            throw std::invalid_argument(
                "digital_detector: got " + std::to_string(weight.size()) +
                " weights and " + std::to_string(bias.size()) + " biases, expected " +
                std::to_string(map.weight().size()) + " and " +
                std::to_string(map.bias().size()) + " finite ones of an affine map");
    });
}

void digital_detector_impl::set_log_likelihood(const std::vector<float>& log_likelihood)
{
    d_refused.guard(bad_setting, [&] {
        gr::thread::scoped_lock guard(d_setlock);
        digital_map& map = d_map.current().map;
        if (log_likelihood.size() != map.log_likelihood().size() ||
            !map.replace_lookup(log_likelihood.data()))
            throw std::invalid_argument(
                "digital_detector: got " + std::to_string(log_likelihood.size()) +
                " log-likelihoods, expected " +
                std::to_string(map.log_likelihood().size()) + " finite ones of a lookup");
    });
}

digital_map digital_detector_impl::map() const
{
    gr::thread::scoped_lock guard(const_cast<digital_detector_impl*>(this)->d_setlock);
    return d_map.current().map;
}

// A learner takes memory, so it is made without the lock that work() needs. Meanwhile only
// work() can move a map: it stays at its address.
void digital_detector_impl::change_refit(const refit_settings& settings)
{
    std::vector<std::pair<const void*, digital_map>> maps;
    std::map<const void*, std::unique_ptr<pilot_refit>> learners;
    {
        gr::thread::scoped_lock guard(d_setlock);
        d_map.each([&](const auto& one) { maps.emplace_back(&one, one.part.map); });
    }
    for (const auto& [at, map] : maps)
        learners[at] = std::make_unique<pilot_refit>(map, settings);
    gr::thread::scoped_lock guard(d_setlock);
    d_map.each([&](auto& one) { one.part.refit.swap(learners.at(&one)); });
    d_refit = settings;
}

void digital_detector_impl::set_refit(const std::string& mode)
{
    std::lock_guard<std::mutex> one_at_a_time(d_setters);
    refit_settings settings = d_refit;
    d_refused.guard(bad_setting, [&] {
        settings.mode = refit_mode_named(mode);
        check_refit_mode(settings.mode, map());
    });
    change_refit(settings);
}

void digital_detector_impl::set_refit_pilots(std::size_t pilots)
{
    std::lock_guard<std::mutex> one_at_a_time(d_setters);
    refit_settings settings = d_refit;
    d_refused.guard(bad_setting, [&] { settings.pilots = checked_pilots(pilots); });
    change_refit(settings);
}

void digital_detector_impl::set_forgetting(double forgetting)
{
    std::lock_guard<std::mutex> one_at_a_time(d_setters);
    refit_settings settings = d_refit;
    d_refused.guard(bad_setting,
                    [&] { settings.forgetting = checked_forgetting(forgetting); });
    change_refit(settings);
}

std::map<std::string, std::uint64_t> digital_detector_impl::counters() const
{
    std::map<std::string, std::uint64_t> named{{"vectors", d_vectors},
                                               {"pilots", d_pilots},
                                               {"refits", d_refits},
                                               {"designs", d_designs},
                                               {"unknown_designs", d_unknown_designs}};
    d_refused.add_to(named);
    return named;
}

// --- tags ---

bool digital_detector_impl::start()
{
    d_gain = 1.0f; // the combiner's first agc_gain tag comes with its first block
    return block::start();
}

// Those that are read, in the order in which they take effect.
void digital_detector_impl::read_tags(std::size_t n_vectors)
{
    get_tags_in_window(d_tags, 0, 0, n_vectors);
    const auto rank = [this](const gr::tag_t& tag) {
        return pmt::eq(tag.key, d_design_key)  ? 0
               : pmt::eq(tag.key, d_gain_key)  ? 1
               : pmt::eq(tag.key, d_pilot_key) ? (d_refit.mode != refit_mode::off ? 2 : 3)
                                               : 3;
    };
    d_tags.erase(std::remove_if(d_tags.begin(),
                                d_tags.end(),
                                [&](const gr::tag_t& tag) { return rank(tag) == 3; }),
                 d_tags.end());
    std::sort(d_tags.begin(), d_tags.end(), [&](const gr::tag_t& a, const gr::tag_t& b) {
        return a.offset != b.offset ? a.offset < b.offset : rank(a) < rank(b);
    });
}

void digital_detector_impl::take_design(const pmt::pmt_t& value)
{
    const std::uint64_t id = design_of(value);
    if (d_map.take(id))
        ++d_designs;
    else if (id != 0 && id == d_map.current_id())
        return; // told again, after a restart
    else if (++d_unknown_designs == 1)
        d_logger->warn(
            "a design tag names design {}, which this block was not given; the "
            "map stays, and further ones are counted silently",
            id);
}

void digital_detector_impl::take_gain(const pmt::pmt_t& value)
{
    const double gain = pmt::is_real(value) ? pmt::to_double(value) : 0.0;
    if (gain > 0.0 && std::isfinite(gain))
        d_gain = static_cast<float>(gain);
    else
        d_refused.count(bad_gain, [] { return "an agc_gain tag is no positive number"; });
}

// --- the stream ---

void digital_detector_impl::decide(std::size_t end)
{
    const digital_map& map = d_map.current().map;
    while (d_done < end) {
        const bool estimates = d_output == detector_output::estimates ||
                               d_output == detector_output::complex;
        const std::size_t now = estimates ? std::min(end - d_done, chunk) : end - d_done;
        const std::uint8_t* codes = d_codes + d_done * d_adcs;
        void* out = d_decided + d_done * d_item_bytes;
        auto* floats = static_cast<float*>(out);
        switch (d_output) {
        case detector_output::bits:
            map.decide(codes, now, static_cast<std::uint8_t*>(out));
            break;
        case detector_output::llrs:
            map.llrs(codes, now, floats);
            break;
        case detector_output::posteriors:
            map.posteriors(codes, now, floats);
            break;
        case detector_output::estimates:
        case detector_output::complex:
            std::fill_n(d_gains.begin(), now, d_gain);
            if (d_output == detector_output::estimates) {
                map.estimate(codes, d_gains.data(), now, floats);
            } else {
                map.estimate(codes, d_gains.data(), now, d_stacked.data());
                interleave(d_stacked.data(), now, d_outputs, floats);
            }
            break;
        }
        d_done += now;
    }
}

void digital_detector_impl::take_pilot(const pmt::pmt_t& value, std::size_t item)
{
    pilot_refit& learner = *d_map.current().refit;
    if (!learner.add(d_codes + item * d_adcs, d_gain, value)) {
        d_refused.count(bad_pilot, [this] {
            return "a pilot is not the " + std::to_string(d_outputs) +
                   (d_classes > 0
                        ? " bits (as bytes) or symbols (as floats, none of them 0)"
                        : " finite numbers") +
                   " of its vector";
        });
        return;
    }
    ++d_pilots;
    if (learner.since_refit() >= d_refit.pilots)
        refit(nitems_read(0) + item);
}

void digital_detector_impl::refit(std::uint64_t item)
{
    using algorithms::refit_status;
    learning_map& current = d_map.current();
    pilot_refit::errors errors;
    switch (current.refit->refit(current.map, errors)) {
    case refit_status::ok:
        ++d_refits;
        return report(item, "refitted", &errors);
    case refit_status::too_few_pilots:
        d_refused.count(too_few_pilots, [&current] {
            return "a refit has " + std::to_string(current.refit->pilots()) +
                   " pilots, expected at least " +
                   std::to_string(current.refit->least_pilots());
        });
        return report(item, "too_few_pilots", nullptr);
    case refit_status::not_finite:
        d_refused.count(not_finite, [] { return "the pilots yield no finite map"; });
        return report(item, "not_finite", nullptr);
    case refit_status::singular:
        d_refused.count(singular,
                        [] { return "the pilots' codes do not determine the map"; });
        return report(item, "singular", nullptr);
    case refit_status::another_map:
        d_refused.count(not_refittable, [] {
            return "refit is off, or of a kind that this map does not know";
        });
        return report(item, "not_refittable", nullptr);
    }
}

void digital_detector_impl::report(std::uint64_t item,
                                   const char* outcome,
                                   const pilot_refit::errors* errors)
{
    pmt::pmt_t dict = pmt::make_dict();
    const auto add = [&dict](const char* key, const pmt::pmt_t& value) {
        dict = pmt::dict_add(dict, pmt::mp(key), value);
    };
    add("outcome", pmt::mp(outcome));
    add("item", pmt::from_uint64(item));
    add("pilots", pmt::from_uint64(d_map.current().refit->pilots()));
    add("refits", pmt::from_uint64(d_refits));
    if (errors) {
        add("error_before", pmt::from_double(errors->before));
        add("error_after", pmt::from_double(errors->after));
    }
    message_port_pub(d_report_port, dict);
}

int digital_detector_impl::work(int noutput_items,
                                gr_vector_const_void_star& input_items,
                                gr_vector_void_star& output_items)
{
    gr::thread::scoped_lock guard(d_setlock);
    const auto n_vectors = static_cast<std::size_t>(noutput_items);
    d_codes = static_cast<const std::uint8_t*>(input_items[0]);
    d_decided = static_cast<char*>(output_items[0]);
    d_done = 0;
    if (d_wants_refit.exchange(false))
        refit(nitems_read(0));
    read_tags(n_vectors);
    for (const auto& tag : d_tags) {
        const std::size_t item = tag.offset - nitems_read(0);
        if (pmt::eq(tag.key, d_pilot_key)) {
            decide(item + 1); // a pilot is itself decided before it teaches
            take_pilot(tag.value, item);
            continue;
        }
        decide(item);
        if (pmt::eq(tag.key, d_design_key))
            take_design(tag.value);
        else
            take_gain(tag.value);
    }
    decide(n_vectors);
    d_vectors += n_vectors;
    return noutput_items;
}

} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/hybrid_combiner_impl.h"

#include "blocks/finite_vectors.h"
#include "blocks/frame_item.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/task_quantizer.h>
#include <gnuradio/io_signature.h>
#include <gnuradio/thread/thread.h>
#include <algorithm>
#include <optional>
#include <stdexcept>

namespace gr {
namespace fewbit {

using algorithms::agc_mode;
using algorithms::analog_map;

namespace {

constexpr std::size_t longest_block = 65536;
constexpr std::size_t usual_chunk = 64; // vectors: their gains stay in the cache

bool checked_type(const std::string& type, const analog_map& map)
{
    if (type == "float")
        return false;
    if (type != "complex")
        throw std::invalid_argument("hybrid_combiner: type is '" + type +
                                    "', expected 'float' or 'complex'");
    if (map.inputs() % 2 != 0)
        throw std::invalid_argument(
            "hybrid_combiner: type is 'complex' and the map has " +
            std::to_string(map.inputs()) + " real inputs, expected an even number");
    return true;
}

// The analog map of a design whose inputs are of that type.
analog_map checked_map(const std::string& design, bool is_complex)
{
    const algorithms::task_quantizer loaded(design);
    if (is_complex && !loaded.complex_inputs())
        throw std::invalid_argument(
            "hybrid_combiner: type is 'complex' and the inputs of " + design +
            " are real, expected 'float'");
    return loaded.analog();
}

std::size_t checked_block(std::size_t block_len)
{
    if (block_len < 1 || block_len > longest_block)
        throw std::invalid_argument("hybrid_combiner: block_len is " +
                                    std::to_string(block_len) + ", expected 1 to " +
                                    std::to_string(longest_block));
    return block_len;
}

agc_mode mode_named(const std::string& name)
{
    if (name == "fixed")
        return agc_mode::fixed;
    if (name == "block")
        return agc_mode::block;
    throw std::invalid_argument("hybrid_combiner: agc is '" + name +
                                "', expected 'fixed' or 'block'");
}

} // namespace

hybrid_combiner::sptr hybrid_combiner::make(const algorithms::analog_map& map,
                                            const std::string& type,
                                            std::size_t block_len)
{
    return gnuradio::make_block_sptr<hybrid_combiner_impl>(
        map, checked_type(type, map), checked_block(block_len));
}

hybrid_combiner::sptr hybrid_combiner::make(const std::string& design,
                                            const std::string& type,
                                            std::size_t block_len)
{
    return make(checked_map(design, type == "complex"), type, block_len);
}

hybrid_combiner_impl::hybrid_combiner_impl(const analog_map& map,
                                           bool is_complex,
                                           std::size_t block_len)
    : gr::sync_block(
          "hybrid_combiner",
          gr::io_signature::make(1,
                                 1,
                                 is_complex
                                     ? frame_bytes(frame_item::complex, map.inputs() / 2)
                                     : frame_bytes(frame_item::floating, map.inputs())),
          gr::io_signature::make(1, 1, frame_bytes(frame_item::floating, map.outputs()))),
      d_is_complex(is_complex),
      d_inputs(map.inputs()),
      d_outputs(map.outputs()),
      d_block_len(block_len),
      d_chunk(block_len * std::max<std::size_t>(1, usual_chunk / block_len)),
      d_map(map),
      d_gains(d_chunk),
      d_refused(d_logger, {"bad_control", "bad_design", "bad_setting"}, name()),
      d_control(
          d_refused,
          bad_control,
          {{"agc", [this](const pmt::pmt_t& v) { set_agc(control_port::text(v)); }},
           {"gain", [this](const pmt::pmt_t& v) { set_gain(control_port::floats(v)); }},
           {"design",
            [this](const pmt::pmt_t& v) { set_design(control_port::text(v), 0); }}})
{
    set_output_multiple(static_cast<int>(block_len));
    message_port_register_in(d_control_port_name);
    set_msg_handler(d_control_port_name,
                    [this](const pmt::pmt_t& m) { d_control.handle(m); });
}

// --- settings ---

// The map shares its design with the block's: no large copy is made.
analog_map hybrid_combiner_impl::current_map() const
{
    gr::thread::scoped_lock guard(const_cast<hybrid_combiner_impl*>(this)->d_setlock);
    return d_map.current();
}

void hybrid_combiner_impl::replace(analog_map map, std::uint64_t design_id)
{
    auto node = staged_parts<analog_map>::make_node(design_id, std::move(map));
    auto trash = staged_parts<analog_map>::node();
    gr::thread::scoped_lock guard(d_setlock);
    d_map.replace(node);
    trash = d_map.trash();
    if (design_id != 0) {
        d_design_id = design_id;
        d_design_is_told = false;
    }
}

void hybrid_combiner_impl::set_map(const analog_map& map, std::uint64_t design_id)
{
    std::lock_guard<std::mutex> one_at_a_time(d_setters);
    d_refused.guard(bad_design, [&] {
        if (map.inputs() != d_inputs || map.outputs() != d_outputs)
            throw std::invalid_argument(
                "hybrid_combiner: the new map has " + std::to_string(map.inputs()) +
                " inputs and " + std::to_string(map.outputs()) + " outputs, expected " +
                std::to_string(d_inputs) + " and " + std::to_string(d_outputs));
        replace(map, design_id);
    });
    if (design_id == 0)
        ++d_designs;
}

void hybrid_combiner_impl::set_design(const std::string& design, std::uint64_t design_id)
{
    std::optional<analog_map> map;
    d_refused.guard(bad_design, [&] { map = checked_map(design, d_is_complex); });
    set_map(*map, design_id);
}

void hybrid_combiner_impl::set_agc(const std::string& mode)
{
    std::lock_guard<std::mutex> one_at_a_time(d_setters);
    d_refused.guard(bad_setting, [&] {
        const analog_map map = current_map();
        replace(analog_map(map.layers(), map.gain(), mode_named(mode)), 0);
    });
}

void hybrid_combiner_impl::set_gain(const std::vector<float>& gain)
{
    std::lock_guard<std::mutex> one_at_a_time(d_setters);
    d_refused.guard(bad_setting, [&] {
        const analog_map map = current_map();
        if (gain.empty())
            throw std::invalid_argument("hybrid_combiner: gain has no values, expected " +
                                        std::to_string(d_outputs));
        replace(analog_map(map.layers(), gain, map.agc()), 0);
    });
}

std::vector<float> hybrid_combiner_impl::gain() const { return current_map().gain(); }

std::string hybrid_combiner_impl::agc() const
{
    return current_map().agc() == agc_mode::block ? "block" : "fixed";
}

std::map<std::string, std::uint64_t> hybrid_combiner_impl::counters() const
{
    std::map<std::string, std::uint64_t> named{
        {"vectors", d_vectors}, {"not_finite", d_not_finite}, {"designs", d_designs}};
    d_refused.add_to(named);
    return named;
}

// --- the stream ---

bool hybrid_combiner_impl::start()
{
    // What came after the last tag may have been lost on the way when the flowgraph was
    // stopped.
    d_design_is_told = d_design_id == 0;
    d_told_gain = 1.0f;
    return block::start();
}

void hybrid_combiner_impl::tag_design()
{
    add_item_tag(0, nitems_written(0), d_design_key, pmt::from_uint64(d_design_id));
    d_design_is_told = true;
    if (d_counted_id != d_design_id) // not once more after a restart
        ++d_designs;
    d_counted_id = d_design_id;
}

void hybrid_combiner_impl::tag_gain(std::uint64_t item, float gain)
{
    add_item_tag(0, nitems_written(0) + item, d_gain_key, pmt::from_double(gain));
    d_told_gain = gain;
}

void hybrid_combiner_impl::count_vectors(const float* x, std::size_t n_vectors)
{
    d_vectors += n_vectors;
    const std::uint64_t found = count_not_finite(x, n_vectors, d_inputs);
    if (found > 0 && d_not_finite.fetch_add(found) == 0)
        d_logger->warn("an input vector holds NaN or infinity; it is quantized as it is, "
                       "and further ones are counted silently");
}

int hybrid_combiner_impl::work(int noutput_items,
                               gr_vector_const_void_star& input_items,
                               gr_vector_void_star& output_items)
{
    gr::thread::scoped_lock guard(d_setlock);
    const auto n_vectors = static_cast<std::size_t>(noutput_items);
    const auto* x = static_cast<const float*>(input_items[0]);
    auto* z = static_cast<float*>(output_items[0]);
    const analog_map& map = d_map.current();
    const bool has_block_agc = map.agc() == agc_mode::block;
    count_vectors(x, n_vectors);
    if (!d_design_is_told)
        tag_design();
    if (!has_block_agc && d_told_gain != 1.0f)
        tag_gain(0, 1.0f);

    for (std::size_t done = 0; done < n_vectors; done += d_chunk) {
        const std::size_t now = std::min(d_chunk, n_vectors - done);
        float* gains = has_block_agc ? d_gains.data() : nullptr;
        if (d_is_complex)
            map.combine(
                reinterpret_cast<const gr_complex*>(x), now, z, gains, d_block_len);
        else
            map.combine(x, now, z, gains, d_block_len);
        for (std::size_t first = 0; has_block_agc && first < now; first += d_block_len)
            tag_gain(done + first, d_gains[first]);
        x += now * d_inputs;
        z += now * d_outputs;
    }
    return noutput_items;
}

} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/named_quantizer.h>

#include "algorithms/text_specification.h"
#include <gnuradio/fewbit/algorithms/models_path.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/lookup_design.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/rotation_search.h>
#include <cmath>
#include <fstream>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

using maker = std::function<task_quantizer(double)>;

constexpr int most_levels = 256;

maker quantized_map_maker(text_specification& text, const matrix& channel, bool complex)
{
    text.allow({"rate", "levels", "support"});
    if (text.has("rate") == text.has("levels"))
        text.refuse("either rate or levels is expected");
    const double support = text.number("support", 1e-6, 1e6, 2.0);
    // A rate of log2(3) must give three levels, whatever its last digit.
    const auto levels = static_cast<unsigned>(
        text.has("rate") ? std::floor(std::exp2(text.number("rate", 1, 8)) * (1 + 1e-9))
                         : text.integer("levels", 2, most_levels));
    return [=](double v) { return quantized_map(channel, v, levels, support, complex); };
}

maker rotation_lookup_maker(text_specification& text,
                            const matrix& channel,
                            double noise_variance,
                            bool complex)
{
    text.allow({"levels", "adcs", "starts", "evaluations", "seed"});
    rotation_settings settings;
    settings.levels = static_cast<unsigned>(text.integer("levels", 2, most_levels));
    settings.adcs = static_cast<std::size_t>(
        text.integer("adcs", 1, 1024, static_cast<int>(channel.columns)));
    settings.starts = static_cast<unsigned>(
        text.integer("starts", 1, 1000, static_cast<int>(settings.starts)));
    settings.evaluations = static_cast<unsigned>(
        text.integer("evaluations", 1, 1000000, static_cast<int>(settings.evaluations)));
    settings.seed = static_cast<std::uint64_t>(text.integer("seed", 0, 1 << 30, 1));
    const rotation_design found = rotation_search(channel, noise_variance, settings);
    return [=](double v) {
        return lookup_design(found.combiner, found.adc, channel, v, complex);
    };
}

maker bundle_maker(const text_specification& text)
{
    const std::string file = find_model(text.text());
    if (text.text().find(':') != std::string::npos && !std::ifstream(file))
        text.refuse(
            "'" + text.kind() +
            "' is no kind of design; there are quantized_map, rotation_lookup, bundle "
            "files, and in the block map");
    const task_quantizer loaded(file);
    return [loaded](double) { return loaded; };
}

} // namespace

named_quantizer::named_quantizer(const std::string& name,
                                 const matrix& channel,
                                 double noise_variance,
                                 bool complex_inputs)
{
    text_specification text("design", name);
    const bool is_map = text.kind() == "quantized_map";
    const bool is_lookup = text.kind() == "rotation_lookup";
    d_depends_on_noise = is_map || is_lookup;
    if (d_depends_on_noise && channel.values.empty())
        text.refuse("it follows from the channel, which was not given");
    d_make = is_map ? quantized_map_maker(text, channel, complex_inputs)
             : is_lookup
                 ? rotation_lookup_maker(text, channel, noise_variance, complex_inputs)
                 : bundle_maker(text);
    if (is_map)
        d_make(noise_variance); // refuses a senseless channel now
}

task_quantizer named_quantizer::at(double v) const { return d_make(v); }

} // namespace algorithms
} // namespace fewbit
} // namespace gr

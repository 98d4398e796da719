/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/bundle_parts.h"

#include <cmath>
#include <stdexcept>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr std::size_t max_width = analog_map::max_width;

// One of the words that a config value may be.
std::string word(const bundle& file, const std::string& key, const std::string& words)
{
    const std::string found = file.config_string(key);
    if (found.empty() || found.find_first_of(", ") != std::string::npos ||
        (", " + words + ",").find(" " + found + ",") == std::string::npos)
        throw file.refusal("config '" + key + "'", "'" + found + "'", "one of " + words);
    return found;
}

std::size_t
count(const bundle& file, const std::string& key, std::size_t least, std::size_t most)
{
    return static_cast<std::size_t>(file.config_integer(
        key, static_cast<std::int64_t>(least), static_cast<std::int64_t>(most)));
}

// Layers part.0, part.1, ...; their inner widths are whatever the tensors say.
std::vector<dense_layer> read_layers(const bundle& file,
                                     const std::string& part,
                                     std::size_t n_layers,
                                     std::size_t inputs)
{
    std::vector<dense_layer> layers;
    for (std::size_t i = 0; i < n_layers; i++) {
        const std::string name = part + "." + std::to_string(i);
        const auto& shape = file.tensor(name + ".weight").shape;
        if (shape.size() != 2 || shape[0] < 1 || shape[0] > max_width)
            throw file.refusal("tensor '" + name + ".weight', rows",
                               shape.size() == 2
                                   ? std::to_string(shape[0])
                                   : "not there: the shape has " +
                                         std::to_string(shape.size()) + " dimensions",
                               "1 to " + std::to_string(max_width) + " of [out, in]");
        const std::size_t out = shape[0];
        layers.push_back({inputs,
                          out,
                          file.f32(name + ".weight", {out, inputs}),
                          file.f32(name + ".bias", {out})});
        inputs = out;
    }
    return layers;
}

// With phase shifters the weight is the real form of exp(j phase) / sqrt(n / 2).
void check_phases(const bundle& file, const dense_layer& layer)
{
    const std::size_t rows = layer.outputs / 2, columns = layer.inputs / 2;
    if (layer.outputs % 2 || layer.inputs % 2)
        throw file.refusal("tensor 'analog.0.weight'",
                           "[" + std::to_string(layer.outputs) + ", " +
                               std::to_string(layer.inputs) + "]",
                           "even numbers, since phase shifters are complex");
    const auto& phases = file.f32("analog.phases", {rows, columns});
    const double scale = 1 / std::sqrt(static_cast<double>(columns));
    const auto weight = [&](std::size_t r, std::size_t c) {
        return static_cast<double>(layer.weight[r * layer.inputs + c]);
    };
    for (std::size_t r = 0; r < rows; r++)
        for (std::size_t c = 0; c < columns; c++) {
            const double phase = phases[r * columns + c];
            const double re = scale * std::cos(phase), im = scale * std::sin(phase);
            const double error = std::abs(weight(r, c) - re) +
                                 std::abs(weight(r, columns + c) + im) +
                                 std::abs(weight(rows + r, c) - im) +
                                 std::abs(weight(rows + r, columns + c) - re);
            if (!(error <= 1e-4 * scale))
                throw file.refusal("tensor 'analog.0.weight' at row " +
                                       std::to_string(r) + ", column " +
                                       std::to_string(c),
                                   std::to_string(weight(r, c)),
                                   "exp(j phase) / sqrt(n / 2) with 'analog.phases'");
        }
}

analog_map read_analog(const bundle& file, std::size_t inputs)
{
    const std::string form = word(file, "analog", "layers, phase_shifters");
    const bool phase_shifters = form == "phase_shifters";
    const std::size_t n_layers =
        count(file, "analog_layers", 1, phase_shifters ? 1 : analog_map::max_layers);
    auto layers = read_layers(file, "analog", n_layers, inputs);
    if (phase_shifters)
        check_phases(file, layers.front());
    const auto& gain = file.f32("agc.gain", {layers.back().outputs});
    for (std::size_t d = 0; d < gain.size(); d++)
        if (!(gain[d] > 0))
            throw file.refusal("tensor 'agc.gain', value " + std::to_string(d),
                               std::to_string(gain[d]),
                               "a positive number");
    const bool block = word(file, "agc", "fixed, block") == "block";
    return analog_map(std::move(layers), gain, block ? agc_mode::block : agc_mode::fixed);
}

scalar_adc read_adc(const bundle& file, std::size_t adcs)
{
    std::vector<unsigned> levels;
    std::size_t total = 0;
    for (const double m : file.config_numbers("levels", adcs)) {
        if (!(m >= 2 && m <= scalar_adc::max_levels && m == std::floor(m)))
            throw file.refusal("config 'levels', value " + std::to_string(levels.size()),
                               std::to_string(m),
                               "an integer from 2 to " +
                                   std::to_string(scalar_adc::max_levels));
        levels.push_back(static_cast<unsigned>(m));
        total += levels.back();
    }
    const auto& thresholds = file.f32("adc.thresholds", {total - adcs});
    std::size_t at = 0;
    for (std::size_t d = 0; d < adcs; d++)
        for (unsigned i = 0; i + 1 < levels[d]; i++, at++)
            if (i > 0 && thresholds[at] < thresholds[at - 1])
                throw file.refusal("tensor 'adc.thresholds', value " + std::to_string(at),
                                   std::to_string(thresholds[at]),
                                   "no less than the one before it, of the same ADC");
    return scalar_adc(levels, thresholds, file.f32("adc.levels", {total}));
}

digital_map read_affine(const bundle& file, const scalar_adc& adc, std::size_t outputs)
{
    const std::size_t powers = count(file, "powers", 1, digital_map::max_powers);
    return digital_map::affine(adc,
                               outputs,
                               file.f32("digital.weight", {powers, outputs, adc.adcs()}),
                               file.f32("digital.bias", {powers, outputs}),
                               static_cast<unsigned>(powers));
}

digital_map read_lookup(const bundle& file, const scalar_adc& adc, std::size_t users)
{
    const auto& table =
        file.f32("digital.log_likelihood", {adc.total_levels(), std::size_t{1} << users});
    for (std::size_t i = 0; i < table.size(); i++)
        if (!(std::abs(table[i]) <= digital_map::largest_score))
            throw file.refusal("tensor 'digital.log_likelihood', value " +
                                   std::to_string(i),
                               std::to_string(table[i]),
                               "a number of at most 1e30");
    return digital_map::lookup(adc, users, table);
}

digital_map read_network(const bundle& file,
                         const scalar_adc& adc,
                         quantizer_task task,
                         std::size_t outputs)
{
    const std::size_t n_layers = count(file, "digital_layers", 1, analog_map::max_layers);
    auto layers = read_layers(file, "digital", n_layers, adc.adcs());
    const std::size_t last =
        task == quantizer_task::detection ? std::size_t{1} << outputs : outputs;
    if (layers.back().outputs != last)
        throw file.refusal("the last layer's outputs",
                           std::to_string(layers.back().outputs),
                           std::to_string(last));
    return digital_map::network(adc, task, std::move(layers));
}

digital_map read_digital(const bundle& file, const scalar_adc& adc)
{
    const bool detection = word(file, "task", "estimation, detection") == "detection";
    const std::size_t outputs =
        count(file,
              "outputs",
              1,
              detection ? digital_map::max_users : digital_map::max_outputs);
    const std::string kind = word(file, "digital", "affine, lookup, network");
    if (kind == (detection ? "affine" : "lookup"))
        throw file.refusal("config 'digital'",
                           "'" + kind + "'",
                           detection ? "'lookup' or 'network' for detection"
                                     : "'affine' or 'network' for estimation");
    if (kind == "affine")
        return read_affine(file, adc, outputs);
    if (kind == "lookup")
        return read_lookup(file, adc, outputs);
    return read_network(file,
                        adc,
                        detection ? quantizer_task::detection
                                  : quantizer_task::estimation,
                        outputs);
}

} // namespace

bundle_parts read_parts(const bundle& file)
{
    if (file.kind() != "task_quantizer")
        throw file.refusal(
            "metadata 'fewbit.kind'", "'" + file.kind() + "'", "'task_quantizer'");
    word(file, "llr_sign", "positive_is_1");
    const bool complex_inputs = file.config_boolean("complex_inputs");
    const std::size_t inputs = count(file, "inputs", 1, max_width);
    if (complex_inputs && inputs % 2)
        throw file.refusal("config 'inputs'",
                           std::to_string(inputs),
                           "an even number, since 'complex_inputs' is true");
    try {
        analog_map analog = read_analog(file, inputs);
        scalar_adc adc = read_adc(file, analog.outputs());
        digital_map digital = read_digital(file, adc);
        return {std::move(analog),
                std::move(adc),
                std::move(digital),
                complex_inputs,
                file.has_config("method") ? file.config_string("method") : ""};
    } catch (const std::invalid_argument& reason) { // what the checks above let pass
        throw file.refusal("the model", reason.what(), "one that can be built");
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

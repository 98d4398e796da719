/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "learned_model.h"

#include <gnuradio/fewbit/algorithms/bundle.h>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr std::size_t n_latents = latent_contexts::n_latents;
constexpr std::size_t n_layers = 5;

kernels::dense_network load_network(const bundle& file,
                                    const std::string& part,
                                    std::size_t inputs,
                                    std::size_t hidden,
                                    std::size_t outputs)
{
    kernels::dense_network network;
    for (std::size_t i = 0; i < n_layers; i++) {
        const std::string name = part + "." + std::to_string(i);
        const std::size_t in = i == 0 ? inputs : hidden;
        const std::size_t out = i + 1 == n_layers ? outputs : hidden;
        const auto& weight = file.f32(name + ".weight", {out, in});
        const auto& bias = file.f32(name + ".bias", {out});
        network.add_layer(weight.data(), bias.data(), in, out);
    }
    return network;
}

// The quantizer kernel counts steps from the first point: the points must be where it
// thinks.
std::vector<float> load_codebook(const bundle& file, unsigned levels)
{
    std::vector<float> points = file.f32("codebook", {levels});
    const double step =
        (static_cast<double>(points.back()) - points.front()) / (levels - 1);
    if (!(step > 1e-6))
        throw file.refusal("tensor 'codebook'",
                           "points " + std::to_string(step) + " apart",
                           "ascending points at least 1e-6 apart");
    for (unsigned i = 0; i < levels; i++)
        if (std::abs(points[i] - (points.front() + i * step)) > 1e-3 * step)
            throw file.refusal("tensor 'codebook', value " + std::to_string(i),
                               std::to_string(points[i]),
                               "points at equal distances");
    return points;
}

std::vector<cdf_table> load_cdfs(const bundle& file, unsigned contexts, unsigned levels)
{
    const std::size_t entries = levels + 1;
    const auto& values = file.i32("cdf", {n_latents, contexts, entries});
    std::vector<cdf_table> tables;
    for (std::size_t i = 0; i < n_latents * contexts; i++) {
        try {
            tables.emplace_back(values.data() + i * entries, entries);
        } catch (const std::invalid_argument& reason) {
            throw file.refusal("tensor 'cdf', latent " + std::to_string(i / contexts) +
                                   ", context " + std::to_string(i % contexts),
                               reason.what(),
                               "0 = first < ... < last = 65536");
        }
    }
    return tables;
}

latent_contexts load_contexts(const bundle& file, unsigned contexts, unsigned levels)
{
    if (contexts == 1)
        return {};
    const auto& thresholds = file.f32("context_thresholds", {n_latents, contexts - 1});
    for (std::size_t i = 1; i < thresholds.size(); i++)
        if (i % (contexts - 1) != 0 && thresholds[i] < thresholds[i - 1])
            throw file.refusal("tensor 'context_thresholds', value " + std::to_string(i),
                               std::to_string(thresholds[i]),
                               "no less than the one before it");
    return {levels,
            contexts,
            file.f32("context_table", {n_latents, 6, levels}).data(),
            thresholds.data(),
            file.f32("context_start", {n_latents}).data()};
}

void check_conventions(const bundle& file)
{
    file.config_integer("latents", n_latents, n_latents);
    file.config_integer("cdf_precision", 16, 16);
    const std::string sign = file.config_string("llr_sign");
    if (sign != "positive_is_1")
        throw file.refusal("config 'llr_sign'", "'" + sign + "'", "'positive_is_1'");
}

} // namespace

std::shared_ptr<const learned_model> learned_model::load(const std::string& path)
{
    const bundle file = bundle::load(path, "softbit_codec");
    check_conventions(file);
    const std::size_t hidden = file.config_integer("hidden", 1, 1024);
    const unsigned contexts = file.config_integer("contexts", 1, 256);

    const auto model = std::make_shared<learned_model>();
    const std::size_t bits = file.config_integer("bits_per_symbol", 1, 16);
    model->bits_per_symbol = bits;
    model->levels = file.config_integer("levels", 2, cdf_table::max_levels);
    model->llr_clip = file.config_number("llr_clip", 1e-3, 1e6);
    model->id = file.id();
    model->encoder = load_network(file, "encoder", bits, hidden, n_latents);
    model->decoder = load_network(file, "decoder", n_latents, hidden, bits);
    model->codebook = load_codebook(file, model->levels);
    model->contexts = load_contexts(file, contexts, model->levels);
    model->cdfs = load_cdfs(file, contexts, model->levels);
    return model;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

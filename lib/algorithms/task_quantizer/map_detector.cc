/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/map_detector.h>

#include "algorithms/task_quantizer/class_scores.h"
#include "algorithms/task_quantizer/row_network.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

struct map_detector::design {
    std::size_t inputs, users;
    row_network network;

    //! use(first vector, vectors, scores) for all vectors, a few at a time.
    template <class Use>
    void for_scores(const float* x, std::size_t n_vectors, Use use) const noexcept
    {
        class_scores scores(users, network.columns_for(n_vectors));
        for (std::size_t from = 0; from < n_vectors; from += scores.columns()) {
            const std::size_t n = std::min(scores.columns(), n_vectors - from);
            network.run_into_columns(
                x + from * inputs, n, scores.data(), scores.columns());
            use(from, n, scores);
        }
    }
};

namespace {

void check(const matrix& h, double noise_variance)
{
    if (h.columns < 1 || h.columns > digital_map::max_users || h.rows < 1 ||
        h.rows > row_network::max_width || h.values.size() != h.rows * h.columns)
        throw std::invalid_argument(
            "map_detector: the channel is " + std::to_string(h.rows) + " x " +
            std::to_string(h.columns) + ", expected 1 to 1024 inputs and 1 to 8 users");
    for (const double value : h.values)
        if (!std::isfinite(value))
            throw std::invalid_argument(
                "map_detector: the channel holds a value that is not finite");
    if (!(noise_variance > 0) || !std::isfinite(noise_variance))
        throw std::invalid_argument("map_detector: noise_variance is " +
                                    std::to_string(noise_variance) +
                                    ", expected a positive, finite number");
}

// The scores as one layer: weight H s / v, bias -|H s|^2 / (2 v).
dense_layer score_layer(const matrix& h, double noise_variance)
{
    const std::size_t classes = std::size_t{1} << h.columns;
    dense_layer layer{h.rows, classes, {}, {}};
    for (std::size_t c = 0; c < classes; c++) {
        double energy = 0;
        for (std::size_t r = 0; r < h.rows; r++) {
            double sum = 0;
            for (std::size_t i = 0; i < h.columns; i++)
                sum += c >> i & 1 ? -h.at(r, i) : h.at(r, i);
            energy += sum * sum;
            layer.weight.push_back(static_cast<float>(sum / noise_variance));
        }
        layer.bias.push_back(static_cast<float>(-0.5 * energy / noise_variance));
    }
    return layer;
}

} // namespace

map_detector::map_detector(const matrix& channel, double noise_variance)
{
    check(channel, noise_variance);
    const std::vector<dense_layer> layers{score_layer(channel, noise_variance)};
    check_layers("map_detector", layers);
    d_design = std::make_shared<design>(
        design{channel.rows, channel.columns, row_network(layers)});
}

map_detector::~map_detector() = default;
map_detector::map_detector(const map_detector&) = default;
map_detector::map_detector(map_detector&&) noexcept = default;
map_detector& map_detector::operator=(const map_detector&) = default;
map_detector& map_detector::operator=(map_detector&&) noexcept = default;

std::size_t map_detector::inputs() const noexcept { return d_design->inputs; }
std::size_t map_detector::outputs() const noexcept { return d_design->users; }
std::size_t map_detector::classes() const noexcept { return std::size_t{1} << outputs(); }

void map_detector::classes(const float* x,
                           std::size_t n_vectors,
                           std::uint8_t* found) const noexcept
{
    d_design->for_scores(x, n_vectors, [&](auto from, auto n, auto& scores) {
        scores.classes(n, found + from);
    });
}

void map_detector::decide(const float* x,
                          std::size_t n_vectors,
                          std::uint8_t* bits) const noexcept
{
    d_design->for_scores(x, n_vectors, [&](auto from, auto n, auto& scores) {
        scores.bits(n, bits + from * outputs());
    });
}

void map_detector::posteriors(const float* x,
                              std::size_t n_vectors,
                              float* p) const noexcept
{
    d_design->for_scores(x, n_vectors, [&](auto from, auto n, auto& scores) {
        scores.posteriors(n, p + from * classes());
    });
}

void map_detector::llrs(const float* x, std::size_t n_vectors, float* llrs) const noexcept
{
    d_design->for_scores(x, n_vectors, [&](auto from, auto n, auto& scores) {
        scores.llrs(n, digital_map::llr_limit, llrs + from * outputs());
    });
}

void map_detector::estimate(const float* x,
                            std::size_t n_vectors,
                            float* s) const noexcept
{
    llrs(x, n_vectors, s);
    to_means(s, n_vectors * outputs());
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

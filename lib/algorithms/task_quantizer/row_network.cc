/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/row_network.h"

#include "kernels/columns.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr std::size_t narrow = row_network::narrow;
// Input, output, and two hidden layers: 256 KB at most.
constexpr std::size_t scratch_floats = 4 * 64 * narrow;
static_assert(scratch_floats == 4 * 16 * row_network::max_width, "wider ones pass 16");

bool all_finite(const std::vector<float>& values)
{
    return std::all_of(
        values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

void check_layer(const std::string& who, const dense_layer& one, std::size_t inputs)
{
    if (one.inputs != inputs || one.outputs < 1 || one.inputs < 1 ||
        one.inputs > row_network::max_width || one.outputs > row_network::max_width)
        throw std::invalid_argument(who + " maps " + std::to_string(one.inputs) + " to " +
                                    std::to_string(one.outputs) + " values, expected " +
                                    std::to_string(inputs) + " to 1 .. " +
                                    std::to_string(row_network::max_width));
    if (one.weight.size() != one.inputs * one.outputs || one.bias.size() != one.outputs)
        throw std::invalid_argument(who + " has " + std::to_string(one.weight.size()) +
                                    " weights and " + std::to_string(one.bias.size()) +
                                    " biases, expected " +
                                    std::to_string(one.inputs * one.outputs) + " and " +
                                    std::to_string(one.outputs));
    if (!all_finite(one.weight) || !all_finite(one.bias))
        throw std::invalid_argument(
            who + " has a weight or bias that is not finite, expected numbers");
}

} // namespace

void check_layers(const std::string& who, const std::vector<dense_layer>& layers)
{
    if (layers.empty() || layers.size() > row_network::max_layers)
        throw std::invalid_argument(who + ": got " + std::to_string(layers.size()) +
                                    " layers, expected 1 to " +
                                    std::to_string(row_network::max_layers));
    std::size_t inputs = layers.front().inputs;
    for (std::size_t i = 0; i < layers.size(); i++) {
        check_layer(who + ": layer " + std::to_string(i), layers[i], inputs);
        inputs = layers[i].outputs;
    }
}

row_network::row_network(const std::vector<dense_layer>& layers)
    : d_inputs(layers.front().inputs),
      d_outputs(layers.back().outputs),
      d_widest(d_inputs)
{
    for (const auto& one : layers) {
        d_network.add_layer(one.weight.data(), one.bias.data(), one.inputs, one.outputs);
        d_widest = std::max(d_widest, one.outputs);
    }
}

void row_network::replace_layer(const float* weight, const float* bias) noexcept
{
    d_network.replace_layer(0, weight, bias);
}

void row_network::run(const float* x, std::size_t n_vectors, float* y) const noexcept
{
    alignas(64) float scratch[scratch_floats];
    d_network.run_rows(x, y, n_vectors, d_widest <= narrow ? 64 : 16, scratch);
}

void row_network::run_into_columns(const float* x,
                                   std::size_t n_vectors,
                                   float* y,
                                   std::size_t stride) const noexcept
{
    alignas(64) float in[64 * narrow], scratch[2 * 64 * narrow];
    kernels::rows_into_columns(x, n_vectors, d_inputs, in, stride);
    d_network.run(in, y, stride, stride, scratch);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/analog_map.h>

#include "algorithms/task_quantizer/analog_design.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

analog_map::design::design(std::vector<dense_layer> layers_,
                           std::vector<float> gain_,
                           agc_mode agc_)
    : layers(std::move(layers_)), gain(std::move(gain_)), agc(agc_)
{
    check_layers("analog_map", layers);
    const std::size_t outputs = layers.back().outputs;
    if (gain.empty())
        gain.assign(outputs, 1.0f);
    if (gain.size() != outputs)
        throw std::invalid_argument("analog_map: got " + std::to_string(gain.size()) +
                                    " gains, expected one for each of the " +
                                    std::to_string(outputs) + " ADCs");
    for (const float g : gain)
        if (!(g > 0.0f) || !std::isfinite(g))
            throw std::invalid_argument("analog_map: a gain is " + std::to_string(g) +
                                        ", expected a positive, finite number");
    exact = layers.size() == 1 &&
            layers.front().inputs * outputs <= analog_map::exact_products;
    if (exact)
        combiner = kernels::small_combiner(layers.front().weight.data(),
                                           layers.front().bias.data(),
                                           gain.data(),
                                           layers.front().inputs,
                                           outputs);
    else
        network = row_network(layers);
}

void analog_map::design::combine(const float* x,
                                 std::size_t n_vectors,
                                 float* z) const noexcept
{
    if (exact)
        return combiner.combine(x, n_vectors, z);
    network.run(x, n_vectors, z);
    for (std::size_t v = 0; v < n_vectors; v++)
        for (const float g : gain)
            *z++ *= g;
}

double
analog_map::design::energy(const float* z, std::size_t count, double before) noexcept
{
    for (std::size_t i = 0; i < count; i++)
        before += static_cast<double>(z[i]) * z[i];
    return before;
}

float analog_map::design::gain_of(double energy, std::size_t count) noexcept
{
    const double mean = energy / static_cast<double>(count);
    const auto g = static_cast<float>(1.0 / std::sqrt(mean));
    return mean > 0 && mean <= std::numeric_limits<float>::max() && std::isnormal(g)
               ? g
               : 1.0f;
}

void analog_map::design::scale(float* z, std::size_t count, float g) noexcept
{
    for (std::size_t i = 0; i < count; i++)
        z[i] *= g;
}

analog_map::analog_map(std::vector<dense_layer> layers,
                       std::vector<float> gain,
                       agc_mode agc)
    : d_design(std::make_shared<design>(std::move(layers), std::move(gain), agc))
{
}

analog_map::~analog_map() = default;
analog_map::analog_map(const analog_map&) = default;
analog_map::analog_map(analog_map&&) noexcept = default;
analog_map& analog_map::operator=(const analog_map&) = default;
analog_map& analog_map::operator=(analog_map&&) noexcept = default;

analog_map analog_map::identity(std::size_t n)
{
    dense_layer one{n, n, std::vector<float>(n * n), std::vector<float>(n)};
    for (std::size_t i = 0; i < n; i++)
        one.weight[i * n + i] = 1.0f;
    return analog_map({std::move(one)});
}

std::size_t analog_map::inputs() const noexcept
{
    return d_design->layers.front().inputs;
}
std::size_t analog_map::outputs() const noexcept
{
    return d_design->layers.back().outputs;
}
const std::vector<dense_layer>& analog_map::layers() const noexcept
{
    return d_design->layers;
}
const std::vector<float>& analog_map::gain() const noexcept { return d_design->gain; }
agc_mode analog_map::agc() const noexcept { return d_design->agc; }

void analog_map::combine(const float* x,
                         std::size_t n_vectors,
                         float* z,
                         float* gains,
                         std::size_t block_len) const noexcept
{
    d_design->combine(x, n_vectors, z);
    control_gain(z, n_vectors, gains, block_len);
}

void analog_map::control_gain(float* z,
                              std::size_t n_vectors,
                              float* gains,
                              std::size_t block_len) const noexcept
{
    if (agc() == agc_mode::fixed) {
        if (gains)
            std::fill(gains, gains + n_vectors, 1.0f);
        return;
    }
    const std::size_t block = std::max<std::size_t>(block_len, 1);
    for (std::size_t from = 0; from < n_vectors; from += block) {
        const std::size_t n = std::min(block, n_vectors - from);
        float* const part = z + from * outputs();
        const float g =
            design::gain_of(design::energy(part, n * outputs(), 0), n * outputs());
        design::scale(part, n * outputs(), g);
        if (gains)
            std::fill(gains + from, gains + from + n, g);
    }
}

void analog_map::combine(const std::complex<float>* x,
                         std::size_t n_vectors,
                         float* z,
                         float* gains,
                         std::size_t block_len) const noexcept
{
    // The AGC's blocks need all their vectors at once, the combiner does not.
    constexpr std::size_t most = 16;
    float stacked[most * max_width];
    const std::size_t half = inputs() / 2;
    for (std::size_t from = 0; from < n_vectors; from += most) {
        const std::size_t n = std::min(most, n_vectors - from);
        for (std::size_t v = 0; v < n; v++, x += half)
            for (std::size_t i = 0; i < half; i++) {
                stacked[v * 2 * half + i] = x[i].real();
                stacked[v * 2 * half + half + i] = x[i].imag();
            }
        d_design->combine(stacked, n, z + from * outputs());
    }
    control_gain(z, n_vectors, gains, block_len);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>

#include "algorithms/task_quantizer/digital_design.h"
#include "algorithms/task_quantizer/users_of.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

bool all_within(const float* values, std::size_t n, float bound) noexcept
{
    return std::all_of(
        values, values + n, [bound](float v) { return std::abs(v) <= bound; });
}

bool all_finite(const float* values, std::size_t n) noexcept
{
    return std::all_of(values, values + n, [](float v) { return std::isfinite(v); });
}

void check_size(const char* what, std::size_t found, std::size_t expected)
{
    if (found != expected)
        throw std::invalid_argument("digital_map: got " + std::to_string(found) + " " +
                                    what + ", expected " + std::to_string(expected));
}

void check_range(const char* what, std::size_t found, std::size_t most)
{
    if (found < 1 || found > most)
        throw std::invalid_argument(std::string("digital_map: ") + what + " is " +
                                    std::to_string(found) + ", expected 1 to " +
                                    std::to_string(most));
}

} // namespace

digital_map::digital_map(std::unique_ptr<design> design) : d_design(std::move(design)) {}
digital_map::~digital_map() = default;
digital_map::digital_map(const digital_map& other)
    : d_design(std::make_unique<design>(*other.d_design))
{
}
digital_map::digital_map(digital_map&&) noexcept = default;
digital_map& digital_map::operator=(const digital_map& other)
{
    if (this != &other)
        d_design = std::make_unique<design>(*other.d_design);
    return *this;
}
digital_map& digital_map::operator=(digital_map&&) noexcept = default;

digital_map digital_map::affine(const scalar_adc& adc,
                                std::size_t outputs,
                                const std::vector<float>& weight,
                                const std::vector<float>& bias,
                                unsigned powers)
{
    check_range("outputs", outputs, max_outputs);
    check_range("powers", powers, max_powers);
    const std::size_t size = outputs * adc.adcs();
    check_size("weights", weight.size(), powers * size);
    check_size("biases", bias.size(), powers * outputs);
    if (!all_finite(weight.data(), weight.size()) ||
        !all_finite(bias.data(), bias.size()))
        throw std::invalid_argument(
            "digital_map: a weight or bias is not finite, expected numbers");
    auto made = std::make_unique<design>(adc);
    made->outputs = outputs;
    made->powers = powers;
    made->weight = weight;
    made->bias = bias;
    for (unsigned j = 0; j < powers; j++) {
        const auto w = weight.begin() + j * size;
        const auto b = bias.begin() + j * outputs;
        made->networks.emplace_back(std::vector<dense_layer>{
            {adc.adcs(), outputs, {w, w + size}, {b, b + outputs}}});
    }
    return digital_map(std::move(made));
}

digital_map digital_map::lookup(const scalar_adc& adc,
                                std::size_t users,
                                const std::vector<float>& log_likelihood)
{
    check_range("users", users, max_users);
    const std::size_t classes = std::size_t{1} << users;
    check_size("log-likelihoods", log_likelihood.size(), adc.total_levels() * classes);
    if (!all_within(log_likelihood.data(), log_likelihood.size(), largest_score))
        throw std::invalid_argument("digital_map: a log-likelihood is not finite or "
                                    "beyond 1e30, expected numbers; put a large negative "
                                    "one for a code that never occurs");
    auto made = std::make_unique<design>(adc);
    made->kind = digital_kind::lookup;
    made->task = quantizer_task::detection;
    made->outputs = users;
    made->classes = classes;
    made->log_likelihood = log_likelihood;
    made->joint.reserve(adc.levels(), made->outputs, max_cells);
    made->fill_joint_table();
    return digital_map(std::move(made));
}

digital_map digital_map::network(const scalar_adc& adc,
                                 quantizer_task task,
                                 std::vector<dense_layer> layers)
{
    check_layers("digital_map", layers);
    check_size("inputs of the first layer", layers.front().inputs, adc.adcs());
    auto made = std::make_unique<design>(adc);
    made->kind = digital_kind::network;
    made->task = task;
    made->outputs = layers.back().outputs;
    if (task == quantizer_task::detection) {
        made->classes = made->outputs;
        made->outputs =
            users_of(made->classes, "digital_map: the network has", "classes");
    }
    made->networks.emplace_back(layers);
    made->layers = std::move(layers);
    if (task == quantizer_task::detection) {
        made->joint.reserve(adc.levels(), made->outputs, max_cells);
        made->fill_joint_table();
    }
    return digital_map(std::move(made));
}

digital_kind digital_map::kind() const noexcept { return d_design->kind; }
quantizer_task digital_map::task() const noexcept { return d_design->task; }
std::size_t digital_map::adcs() const noexcept { return d_design->adc.adcs(); }
std::size_t digital_map::outputs() const noexcept { return d_design->outputs; }
std::size_t digital_map::classes() const noexcept { return d_design->classes; }
unsigned digital_map::powers() const noexcept { return d_design->powers; }
const std::vector<unsigned>& digital_map::levels() const noexcept
{
    return d_design->adc.levels();
}
const std::vector<float>& digital_map::level_values() const noexcept
{
    return d_design->values;
}
bool digital_map::has_joint_table() const noexcept { return d_design->joint.exists(); }
const std::vector<float>& digital_map::weight() const noexcept
{
    return d_design->weight;
}
const std::vector<float>& digital_map::bias() const noexcept { return d_design->bias; }
const std::vector<float>& digital_map::log_likelihood() const noexcept
{
    return d_design->log_likelihood;
}
const std::vector<dense_layer>& digital_map::layers() const noexcept
{
    return d_design->layers;
}

bool digital_map::replace_affine(const float* weight,
                                 const float* bias,
                                 const float* level_values) noexcept
{
    design& m = *d_design;
    if (m.kind != digital_kind::affine || !all_finite(weight, m.weight.size()) ||
        !all_finite(bias, m.bias.size()) ||
        (level_values && !all_finite(level_values, m.values.size())))
        return false;
    std::copy_n(weight, m.weight.size(), m.weight.begin());
    std::copy_n(bias, m.bias.size(), m.bias.begin());
    if (level_values)
        std::copy_n(level_values, m.values.size(), m.values.begin());
    for (unsigned j = 0; j < m.powers; j++)
        m.networks[j].replace_layer(m.weight.data() + j * m.outputs * adcs(),
                                    m.bias.data() + j * m.outputs);
    return true;
}

bool digital_map::replace_lookup(const float* log_likelihood) noexcept
{
    design& m = *d_design;
    if (m.kind != digital_kind::lookup ||
        !all_within(log_likelihood, m.log_likelihood.size(), largest_score))
        return false;
    std::copy_n(log_likelihood, m.log_likelihood.size(), m.log_likelihood.begin());
    m.fill_joint_table();
    return true;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

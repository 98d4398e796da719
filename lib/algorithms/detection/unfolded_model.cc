/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/detection/unfolded_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <initializer_list>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr double least_step = 1e-3;
constexpr float largest_gain = 8.0f;

// Which of the words a config value is.
std::size_t
word(const bundle& file, const std::string& key, std::initializer_list<const char*> words)
{
    const std::string found = file.config_string(key);
    const auto at = std::find(words.begin(), words.end(), found);
    if (at != words.end())
        return static_cast<std::size_t>(at - words.begin());
    std::string known;
    for (const char* one : words)
        known += (known.empty() ? "" : ", ") + std::string(one);
    throw file.refusal("config '" + key + "'", "'" + found + "'", "one of " + known);
}

std::size_t count(const bundle& file, const std::string& key, int least, int most)
{
    return static_cast<std::size_t>(file.config_integer(key, least, most));
}

// Bits of something quantised: 4 to 8, or 0 where it may be left alone.
int quantised_bits(const bundle& file, const std::string& key, bool needed)
{
    const auto bits = static_cast<int>(file.config_integer(key, 0, 8));
    if ((bits != 0 && bits < 4) || (bits == 0 && needed))
        throw file.refusal("config '" + key + "'",
                           std::to_string(bits),
                           needed ? "4 to 8 for int8" : "0, or 4 to 8");
    return bits;
}

// Bits of what int8 arithmetic has in int16 anyway.
int bits_of_received(const bundle& file, const std::string& key, bool int8)
{
    const int bits = quantised_bits(file, key, false);
    if (int8 && bits != 0)
        throw file.refusal("config '" + key + "'",
                           std::to_string(bits),
                           "0 for int8, which has 16 bits there: train it again");
    return bits;
}

} // namespace

unfolded_model::unfolded_model(const bundle& file)
{
    using kernels::unfolded_denoiser;
    if (file.kind() != "unfolded_detector")
        throw file.refusal(
            "metadata 'fewbit.kind'", "'" + file.kind() + "'", "'unfolded_detector'");
    word(file, "llr_sign", {"positive_is_1"});
    pgd = word(file, "network", {"admm", "pgd"}) == 1;
    layers = count(file, "layers", 2, 32);
    denoisers = pgd ? layers : layers - 1;
    users = count(file, "users", 1, 128);
    antennas = count(file, "antennas", 1, 128);
    bits_per_symbol = static_cast<unsigned>(count(file, "bits_per_symbol", 2, 8));
    if (bits_per_symbol % 2)
        throw file.refusal(
            "config 'bits_per_symbol'", std::to_string(bits_per_symbol), "2, 4, 6 or 8");
    constexpr unfolded_denoiser kinds[] = {unfolded_denoiser::soft_threshold,
                                           unfolded_denoiser::clip,
                                           unfolded_denoiser::posterior_mean,
                                           unfolded_denoiser::staircase};
    denoiser = kinds[word(
        file, "denoiser", {"soft_threshold", "clip", "posterior_mean", "staircase"})];
    arithmetic = static_cast<arithmetic_kind>(
        word(file, "arithmetic", {"float32", "quantized", "int8"}));
    const bool int8 = arithmetic == arithmetic_kind::int8;
    matrix_bits = quantised_bits(file, "matrix_bits", int8);
    activation_bits = quantised_bits(file, "activation_bits", int8);
    filter_bits = bits_of_received(file, "filter_bits", int8);
    input_bits = bits_of_received(file, "input_bits", int8);
    fraction_bits = static_cast<int>(file.config_integer("fraction_bits", 6, 12));
    apart = word(file, "diagonal", {"inside", "apart"}) == 1;
    if (apart && pgd)
        throw file.refusal("config 'diagonal'", "'apart'", "'inside' for pgd");
    if (int8 && denoiser == unfolded_denoiser::posterior_mean)
        throw file.refusal(
            "config 'denoiser'", "'posterior_mean'", "one that int8 arithmetic has");
    if (int8 && ((1 << bits_per_symbol / 2) - 1) << fraction_bits >= 1 << 15)
        throw file.refusal("config 'fraction_bits'",
                           std::to_string(fraction_bits),
                           "so few that the largest level stays below 2^15");
    method = file.has_config("method") ? file.config_string("method") : "";
    read_tensors(file);
}

void unfolded_model::read_tensors(const bundle& file)
{
    d_knots = read_knots(file, "snr_db", 1024);
    const std::size_t s = d_knots.size();
    if (s > 1) // finite whatever the knots
        least_noise_variance = static_cast<float>(
            std::min(std::pow(10.0, -0.1 * static_cast<double>(d_knots.back())),
                     static_cast<double>(std::numeric_limits<float>::max())));
    if (pgd) {
        d_eta = read_logarithms(file, "eta.log", {s, layers});
    } else {
        d_rho = read_logarithms(file, "rho.log", {s});
        d_estimate_gain = read_logarithms(file, "gain.estimate.log", {s, denoisers});
        d_dual_gain = read_logarithms(file, "gain.dual.log", {s, denoisers});
        d_memory = read_logarithms(file, "memory.log", {s, denoisers});
    }
    d_constant = read_logarithms(file, "denoiser.constant.log", {s, denoisers});
    if (word(file, "tau", {"scalar", "per_coordinate"}) == 1)
        d_slope = read_logarithms(file, "denoiser.slope.log", {s, denoisers});
    d_output_constant = read_logarithms(file, "output.constant.log", {s});
    d_output_slope = read_logarithms(file, "output.slope.log", {s});
    if (file.has_tensor("output.doubt.log"))
        d_output_doubt = read_logarithms(file, "output.doubt.log", {s});
    failures = unfolded_failures(file);
    d_alpha = file.f32("step.alpha", {denoisers});
    d_gamma = file.f32("step.gamma", {denoisers});
}

unfolded_scalars unfolded_model::sized() const
{
    unfolded_scalars s;
    s.eta.assign(pgd ? layers : 0, 0.0f);
    s.constant.assign(denoisers, 0.0f);
    s.slope.assign(denoisers, 0.0f);
    s.step.assign(denoisers, 0.0f);
    s.estimate_gain.assign(denoisers, 1.0f);
    s.dual_gain.assign(denoisers, 1.0f);
    s.memory.assign(denoisers, 1.0f);
    return s;
}

void unfolded_model::scalars_at(double snr, unfolded_scalars& s) const noexcept
{
    const double wanted = 10 * std::log10(snr);
    const auto place = place_among(d_knots, wanted);
    const auto at =
        [&](const std::vector<float>& table, std::size_t width, std::size_t k) {
            return std::exp(
                place.of(table[place.low * width + k], table[place.high * width + k]));
        };
    if (!pgd)
        s.rho = at(d_rho, 1, 0);
    for (std::size_t k = 0; k < s.eta.size(); k++)
        s.eta[k] = at(d_eta, layers, k);
    const double root = std::sqrt(1 / snr);
    for (std::size_t k = 0; k < denoisers; k++) {
        s.constant[k] = at(d_constant, denoisers, k);
        s.slope[k] = d_slope.empty() ? 0.0f : at(d_slope, denoisers, k);
        if (!pgd) {
            s.estimate_gain[k] =
                std::min(at(d_estimate_gain, denoisers, k), largest_gain);
            s.dual_gain[k] = std::min(at(d_dual_gain, denoisers, k), largest_gain);
            s.memory[k] = std::min(at(d_memory, denoisers, k), 1.0f);
        }
        s.step[k] = static_cast<float>(
            std::max(d_alpha[k] * root + static_cast<double>(d_gamma[k]), least_step));
    }
    s.output.constant = at(d_output_constant, 1, 0);
    s.output.slope = at(d_output_slope, 1, 0);
    s.output.doubt = d_output_doubt.empty() ? 0.0f : at(d_output_doubt, 1, 0);
    if (failures.known())
        s.output.snr = failures.at_snr(wanted);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

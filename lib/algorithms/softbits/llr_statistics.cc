/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "llr_statistics.h"

#include "gray_pam.h"
#include <algorithm>
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr int gain_quantiles = 64;
constexpr int noise_points = 65;
constexpr double noise_reach = 4.0; // standard deviations

// The LLR of one bit of a dimension, from the exponents of its amplitudes.
double llr_of_bit(const std::vector<double>& exponents, unsigned bits, unsigned bit)
{
    const double largest = *std::max_element(exponents.begin(), exponents.end());
    double sums[2] = {1e-300, 1e-300};
    for (unsigned m = 0; m < exponents.size(); m++)
        sums[(m >> (bits - 1 - bit)) & 1u] += std::exp(exponents[m] - largest);
    return std::log(sums[1] / sums[0]);
}

} // namespace

std::vector<std::vector<double>>
rayleigh_llr_cells(unsigned bits_per_symbol,
                   double snr_db,
                   unsigned cells,
                   const std::function<unsigned(float)>& cell_of)
{
    const unsigned bits = bits_per_symbol / 2;
    const unsigned amplitudes = 1u << bits;
    const double half_distance = gray_pam_half_distance(bits);
    std::vector<std::vector<double>> found(bits, std::vector<double>(cells, 0.0));
    std::vector<double> exponents(amplitudes);

    for (int g = 0; g < gain_quantiles; g++) {
        const double gain = -std::log(1.0 - (g + 0.5) / gain_quantiles);
        const double rho = gain * std::pow(10.0, snr_db / 10.0);
        const double deviation = std::sqrt(0.5 / rho);
        for (unsigned sent = 0; sent < amplitudes; sent++) {
            for (int t = 0; t < noise_points; t++) {
                const double noise = noise_reach * (2.0 * t / (noise_points - 1) - 1.0);
                const double y =
                    half_distance * gray_pam_amplitude(sent, bits) + deviation * noise;
                for (unsigned m = 0; m < amplitudes; m++) {
                    const double d = y - half_distance * gray_pam_amplitude(m, bits);
                    exponents[m] = -rho * d * d;
                }
                for (unsigned b = 0; b < bits; b++) {
                    const auto llr = static_cast<float>(llr_of_bit(exponents, bits, b));
                    found[b][cell_of(llr)] += std::exp(-0.5 * noise * noise);
                }
            }
        }
    }
    for (auto& position : found) {
        double sum = 0.0;
        for (double p : position)
            sum += p;
        for (double& p : position)
            p /= sum;
    }
    return found;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

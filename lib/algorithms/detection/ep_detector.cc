/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/detection/ep_detector.h>

#include "algorithms/detection/real_channel.h"
#include "algorithms/detection/soft_output.h"
#include "kernels/expectation.h"
#include "kernels/unfolded_float.h"
#include <algorithm>
#include <array>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

using kernels::expectation_propagation;
constexpr std::size_t lanes = expectation_propagation::lanes;

} // namespace

struct ep_detector::parts {
    parts(const detector_size& size, std::size_t passes, double share)
        : inputs(2 * size.antennas),
          columns(2 * size.users),
          padded(kernels::aligned_stride(columns)),
          iterations(passes),
          damping(static_cast<float>(share)),
          output(size.users, size.bits_per_symbol),
          channel(size),
          propagation(columns, output.levels()),
          z(most_vectors * padded)
    {
    }

    void pack(std::size_t c) noexcept
    {
        const double* h = channel.matrix().data();
        const double inverse = 1 / channel.units().variance;
        float* record = records.data() + c * propagation.record_floats();
        for (std::size_t i = 0; i < columns; i++) {
            for (std::size_t j = 0; j < inputs; j++)
                filters[(c * inputs + j) * padded + i] = static_cast<float>(
                    channel.units().scale * inverse * h[i * inputs + j]);
            for (std::size_t j = 0; j <= i; j++) {
                double sum = 0;
                for (std::size_t r = 0; r < inputs; r++)
                    sum += h[i * inputs + r] * h[j * inputs + r];
                *record++ = static_cast<float>(inverse * sum);
            }
        }
    }

    std::size_t inputs, columns, padded, iterations;
    float damping;
    soft_output output;
    real_channel channel;
    expectation_propagation propagation;
    kernels::aligned_vector<float> filters; // [channels][inputs][padded]: H^T / variance
    std::vector<float> records;             // [channels][record_floats]
    kernels::aligned_vector<float> z;
};

ep_detector::ep_detector(const detector_size& size,
                         std::size_t iterations,
                         double damping)
    : detector("ep", size)
{
    if (iterations < 1 || iterations > max_iterations)
        throw std::invalid_argument("ep: iterations is " + std::to_string(iterations) +
                                    ", expected 1 to " + std::to_string(max_iterations));
    if (!(damping > 0 && damping <= 1))
        throw std::invalid_argument("ep: damping is " + std::to_string(damping) +
                                    ", expected more than 0 and at most 1");
    d_parts = std::make_unique<parts>(size, iterations, damping);
}

ep_detector::~ep_detector() = default;

std::string ep_detector::name() const
{
    return "ep-" + std::to_string(d_parts->iterations);
}

void ep_detector::make_room(std::size_t channels)
{
    auto& p = *d_parts;
    p.filters.assign(channels * p.inputs * p.padded, 0.0f);
    p.records.assign(channels * p.propagation.record_floats(), 0.0f);
}

void ep_detector::prepare_channels(const std::complex<float>* h,
                                   const float* noise_variances,
                                   std::size_t count,
                                   std::uint8_t* usable) noexcept
{
    auto& p = *d_parts;
    for (std::size_t c = 0; c < count; c++) {
        if (!usable[c])
            continue;
        usable[c] =
            p.channel.take(h + c * size().antennas * size().users, noise_variances[c]);
        if (usable[c])
            p.pack(c);
    }
}

void ep_detector::detect_vectors(const vectors& some) noexcept
{
    auto& p = *d_parts;
    std::array<const float*, most_vectors> of;
    for (std::size_t v = 0; v < some.n; v++)
        of[v] = p.filters.data() + some.channel[v] * p.inputs * p.padded;
    kernels::filter_vectors(of.data(), some.n, p.inputs, p.padded, some.y, p.z.data());
    for (std::size_t v = 0; v < some.n; v++)
        of[v] = p.records.data() + some.channel[v] * p.propagation.record_floats();
    std::array<float, 2 * max_antennas> mean, variance;
    for (std::size_t from = 0; from < some.n; from += lanes) {
        const std::size_t n = std::min(lanes, some.n - from);
        p.propagation.run(of.data() + from,
                          p.z.data() + from * p.padded,
                          p.padded,
                          n,
                          p.iterations,
                          p.damping);
        for (std::size_t l = 0; l < n; l++) {
            const std::size_t v = from + l;
            for (std::size_t i = 0; i < p.columns; i++) {
                mean[i] = p.propagation.mean(l, i);
                variance[i] = p.propagation.variance(l, i);
            }
            if (some.labels)
                p.output.labels(mean.data(), some.labels + v * size().users);
            if (some.symbols)
                p.output.symbols(mean.data(), some.symbols + v * size().users);
            if (some.llrs)
                p.output.axis_llrs(
                    mean.data(), variance.data(), some.llrs + v * llrs_per_vector());
        }
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

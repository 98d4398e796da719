/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/detection/linear_detector.h>

#include "algorithms/detection/soft_output.h"
#include "kernels/channel_solver.h"
#include "kernels/unfolded_float.h"
#include <algorithm>
#include <array>
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

using kernels::channel_solver;
constexpr std::size_t lanes = channel_solver::lanes;
constexpr float least_ridge = 1e-6f; // of the Gram matrix' mean diagonal
constexpr float unknown = 1e30f;     // the error's variance where nothing is known

} // namespace

struct linear_detector::parts {
    explicit parts(const detector_size& size)
        : inputs(2 * size.antennas),
          padded(kernels::aligned_stride(2 * size.users)),
          users(size.users),
          output(size.users, size.bits_per_symbol),
          solver(size.antennas, size.users),
          found(most_vectors * padded)
    {
    }

    float ridge(std::size_t lane) const noexcept
    {
        const auto& g = solver.gram_matrix();
        float trace = 0;
        for (std::size_t i = 0; i < users; i++)
            trace += g.re[g.at(i, i) + lane];
        return least_ridge * trace / static_cast<float>(users);
    }

    // W in the real model's units, column by column, and the variances.
    bool pack(std::size_t channel, std::size_t lane, float rho, float noise) noexcept
    {
        const auto& a = solver.inverse();
        const auto& w = solver.filters();
        float* const filter = filters.data() + channel * inputs * padded;
        float* const variance = variances.data() + channel * users;
        const std::size_t m = inputs / 2;
        float sum = 0;
        for (std::size_t i = 0; i < users; i++) {
            const float error = rho * a.re[a.at(i, i) + lane], gain = 1 - error;
            const bool heard = gain > least_ridge;
            const float scale = heard ? output.scale() / gain : 0.0f;
            const float square = 0.5f * output.scale() * output.scale();
            variance[i] = heard ? square * noise / rho * error / gain : unknown;
            for (std::size_t j = 0; j < m; j++) {
                const float re = scale * w.re[w.at(i, j) + lane];
                const float im = scale * w.im[w.at(i, j) + lane];
                filter[j * padded + i] = filter[(m + j) * padded + users + i] = re;
                filter[j * padded + users + i] = im;
                filter[(m + j) * padded + i] = -im;
                sum += std::abs(re) + std::abs(im);
            }
        }
        return std::isfinite(sum);
    }

    std::size_t inputs, padded, users;
    soft_output output;
    channel_solver solver;
    kernels::aligned_vector<float> filters; // [channels][inputs][padded]
    std::vector<float> variances;           // [channels][users]
    kernels::aligned_vector<float> found;   // [most_vectors][padded]
};

linear_detector::linear_detector(linear_kind kind, const detector_size& size)
    : detector("linear_detector", size),
      d_kind(kind),
      d_parts(std::make_unique<parts>(size))
{
}

linear_detector::~linear_detector() = default;

std::string linear_detector::name() const
{
    return d_kind == linear_kind::lmmse ? "lmmse" : "zf";
}

void linear_detector::make_room(std::size_t channels)
{
    d_parts->filters.assign(channels * d_parts->inputs * d_parts->padded, 0.0f);
    d_parts->variances.assign(channels * d_parts->users, 0.0f);
}

void linear_detector::prepare_channels(const std::complex<float>* h,
                                       const float* noise_variances,
                                       std::size_t count,
                                       std::uint8_t* usable) noexcept
{
    auto& p = *d_parts;
    const std::size_t values = size().antennas * size().users;
    const bool lmmse = d_kind == linear_kind::lmmse;
    for (std::size_t first = 0; first < count; first += lanes) {
        const std::size_t n = std::min(lanes, count - first);
        p.solver.load(h + first * values, n);
        p.solver.gram();
        float rho[lanes];
        for (std::size_t l = 0; l < lanes; l++) {
            const float least = p.ridge(l);
            rho[l] = lmmse && l < n ? std::max(noise_variances[first + l], least) : least;
            if (!(rho[l] > 0))
                rho[l] = 1; // a zero channel
        }
        p.solver.invert(rho);
        p.solver.filter();
        for (std::size_t l = 0; l < n; l++) {
            const std::size_t c = first + l;
            const float noise = lmmse ? rho[l] : noise_variances[c] + rho[l];
            usable[c] = p.pack(c, l, rho[l], noise) && usable[c];
        }
    }
}

void linear_detector::detect_vectors(const vectors& some) noexcept
{
    auto& p = *d_parts;
    std::array<const float*, most_vectors> filters;
    for (std::size_t v = 0; v < some.n; v++)
        filters[v] = p.filters.data() + some.channel[v] * p.inputs * p.padded;
    kernels::filter_vectors(
        filters.data(), some.n, p.inputs, p.padded, some.y, p.found.data());
    for (std::size_t v = 0; v < some.n; v++) {
        const float* o = p.found.data() + v * p.padded;
        if (some.labels)
            p.output.labels(o, some.labels + v * p.users);
        if (some.symbols)
            p.output.symbols(o, some.symbols + v * p.users);
        if (some.llrs)
            p.output.llrs(o,
                          p.variances.data() + some.channel[v] * p.users,
                          some.llrs + v * llrs_per_vector());
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

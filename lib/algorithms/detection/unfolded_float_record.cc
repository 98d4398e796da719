/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/detection/unfolded_float_record.h"

#include <algorithm>
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

using kernels::channel_solver;

// Values of a complex matrix' row as multiples of a step, if there are bits for them.
struct row_quantiser {
    row_quantiser(float largest, int bits)
        : limit(static_cast<float>(largest_code(bits))),
          to(bits && largest >= 1e-30f ? limit / largest : 0.0f),
          step(bits && largest >= 1e-30f ? largest / limit : 0.0f),
          rounds(bits != 0)
    {
    }
    float operator()(float v) const
    {
        return rounds ? step * std::clamp(std::nearbyint(v * to), -limit, limit) : v;
    }
    float limit, to, step;
    bool rounds;
};

// The real form, column by column: [2 columns][padded].
void pack_matrix(const channel_solver::planes& x,
                 std::size_t lane,
                 float times,
                 int bits,
                 bool apart,
                 std::size_t padded,
                 float* to)
{
    for (std::size_t i = 0; i < x.rows; i++) {
        float largest = 0;
        for (std::size_t j = 0; j < x.columns && bits; j++)
            if (!(apart && i == j))
                largest = std::max({largest,
                                    std::abs(times * x.re[x.at(i, j) + lane]),
                                    std::abs(times * x.im[x.at(i, j) + lane])});
        const row_quantiser quantised(largest, bits);
        for (std::size_t j = 0; j < x.columns; j++) {
            const bool counts = !(apart && i == j);
            const float re = counts ? quantised(times * x.re[x.at(i, j) + lane]) : 0.0f;
            const float im = counts ? quantised(times * x.im[x.at(i, j) + lane]) : 0.0f;
            to[j * padded + i] = to[(x.columns + j) * padded + x.rows + i] = re;
            to[j * padded + x.rows + i] = im;
            to[(x.columns + j) * padded + i] = -im;
        }
    }
}

} // namespace

void pack_unfolded_float(const kernels::unfolded_float_plan& plan,
                         const float_channel& of,
                         const unfolded_scalars& s,
                         float* to) noexcept
{
    const std::size_t users = plan.outputs / 2, padded = plan.padded;
    pack_matrix(
        of.filter, of.lane, 1.0f, of.filter_bits, false, padded, to + plan.filter);
    pack_matrix(of.matrix,
                of.lane,
                of.times,
                of.matrix_bits,
                plan.apart,
                padded,
                to + plan.matrix);
    for (std::size_t i = 0; i < users; i++) {
        const float e =
            of.noise_variance * of.errors[i * channel_solver::lanes + of.lane];
        to[plan.errors + i] = e;
        if (plan.apart)
            to[plan.diagonal + i] = to[plan.diagonal + users + i] =
                of.times * of.matrix.re[of.matrix.at(i, i) + of.lane];
        for (std::size_t k = 0; k < plan.denoisers; k++) {
            float* const w = to + plan.widths + k * padded;
            w[i] = w[users + i] = s.slope[k] * e + s.constant[k];
        }
    }
    for (std::size_t i = 2 * users; i < padded; i++)
        for (std::size_t k = 0; k < plan.denoisers; k++)
            to[plan.widths + k * padded + i] = 1.0f;
    std::copy(s.step.begin(), s.step.end(), to + plan.steps);
    std::copy(s.eta.begin(), s.eta.end(), to + plan.etas);
    float* gains = to + plan.gains;
    for (const auto* some : {&s.estimate_gain, &s.dual_gain, &s.memory})
        gains = std::copy(some->begin(), some->end(), gains);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

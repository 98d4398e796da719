/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/softbits/demapper_inverse.h>

#include "gray_pam.h"
#include "pam_demapper.h"
#include "symbol_equations.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr int max_evaluations = 16;
// The last step's size at which the search ends, in standard deviations of the noise and
// in relative gain. Convergence is quadratic: the error left is about the square of it.
constexpr float small_step = 3e-3f;
constexpr float enough_damping = 1e-2f;
constexpr float reach = 3.5f;

template <int B>
class inverter
{
public:
    static constexpr int K = 2 * B;

    void invert(const float* llrs, std::size_t n, float* iq, float* gain_to_noise) const
    {
        const float half_distance = static_cast<float>(gray_pam_half_distance(B));
        const float lowest =
            demapper_inverse::min_gain_to_noise * half_distance * half_distance;
        const float highest =
            demapper_inverse::max_gain_to_noise * half_distance * half_distance;
        for (std::size_t s = 0; s < n; s++) {
            unknowns x;
            fit(llrs + s * K, lowest, highest, x);
            gain_to_noise[s] = x.beta / (half_distance * half_distance);
            // Far outside of the constellation there is nothing to tell.
            const float limit = 32.0f * pam_demapper<B>::M;
            for (int d = 0; d < 2; d++)
                iq[2 * s + d] =
                    half_distance *
                    std::min(limit, std::max(-limit, x.alpha[d] / (2.0f * x.beta)));
        }
    }

private:
    struct unknowns {
        float alpha[2];
        float beta;
    };

    struct problem {
        float llr[2][B];
        float weight[2][B];
        float lowest, highest; // beta
    };

    void fit(const float* llrs, float lowest, float highest, unknowns& x) const
    {
        problem p;
        p.lowest = lowest;
        p.highest = highest;
        float largest = 0.0f;
        for (int d = 0; d < 2; d++) {
            for (int b = 0; b < B; b++) {
                const float raw = llrs[2 * b + d];
                const float l = std::isnan(raw)
                                    ? 0.0f
                                    : std::max(-demapper_inverse::max_llr,
                                               std::min(demapper_inverse::max_llr, raw));
                p.llr[d][b] = l;
                p.weight[d][b] = 1.0f / (4.0f + l * l);
                largest = std::max(largest, std::fabs(l));
            }
        }
        if (largest < 2.0f)
            start_small(p, x);
        else
            start_large(p, largest, x);
        descend(p, x);
    }

    // All LLRs small: to first order L_0 = -M alpha, to second L_1 = M^2 / 2 (alpha^2 / 2
    // - beta).
    void start_small(const problem& p, unknowns& x) const
    {
        const float m = pam_demapper<B>::M;
        x.beta = 0.0f;
        for (int d = 0; d < 2; d++) {
            x.alpha[d] = -p.llr[d][0] / m;
            x.beta += 0.25f * x.alpha[d] * x.alpha[d] - p.llr[d][1] / (m * m);
        }
        x.beta = clipped(p, x.beta);
    }

    // Each sum has one large term: L_b = (o_1 - o_0) alpha - (o_1^2 - o_0^2) beta, where
    // one of o_1, o_0 is the hard decision and the other the nearest amplitude with the
    // other bit.
    void start_large(const problem& p, float largest, unknowns& x) const
    {
        symbol_equations equations;
        for (int d = 0; d < 2; d++) {
            const float o = d_dimension.hard_decision(p.llr[d]);
            for (int b = 0; b < B; b++) {
                const float other = d_dimension.nearest_other(o, b);
                equations.add(d,
                              o - other,
                              other * other - o * o,
                              std::fabs(p.llr[d][b]),
                              p.weight[d][b]);
            }
        }
        equations.solve(1e-6f, x.alpha, x.beta);
        // Clipped LLRs can ask for a negative gain.
        const float least = 0.2f * largest / pam_demapper<B>::M;
        if (x.beta < least) {
            x.beta = clipped(p, least);
            equations.solve_alpha(0.0f, x.beta, x.alpha);
        }
        x.beta = clipped(p, x.beta);
    }

    static float clipped(const problem& p, float beta)
    {
        return std::max(p.lowest, std::min(p.highest, beta));
    }

    // Noise hardly takes a symbol further out than this many standard deviations beyond
    // the outermost amplitude. What is further counts as one more residual: without it,
    // clipped LLRs look like a symbol far outside and of next to no gain.
    struct excess {
        float residual; // to be made 0
        float by_alpha, by_beta;
    };

    static excess excess_of(float alpha, float beta)
    {
        const float root = std::sqrt(2.0f * beta);
        const float beyond =
            std::fabs(alpha) / root - root * (pam_demapper<B>::M - 1) - reach;
        if (beyond <= 0.0f)
            return {0.0f, 0.0f, 0.0f};
        return {-beyond,
                std::copysign(1.0f, alpha) / root,
                -(std::fabs(alpha) / root + root * (pam_demapper<B>::M - 1)) /
                    (2.0f * beta)};
    }

    float cost(const problem& p, const pam_llrs<B>* points, const unknowns& x) const
    {
        float sum = 0.0f;
        for (float alpha : x.alpha) {
            const float residual = excess_of(alpha, x.beta).residual;
            sum += residual * residual;
        }
        for (int d = 0; d < 2; d++)
            for (int b = 0; b < B; b++) {
                const float residual = p.llr[d][b] - points[d].llr[b];
                sum += p.weight[d][b] * residual * residual;
            }
        return sum;
    }

    void descend(const problem& p, unknowns& x) const
    {
        pam_llrs<B> points[2], trial_points[2];
        for (int d = 0; d < 2; d++)
            d_dimension.evaluate(x.alpha[d], x.beta, points[d]);
        float best = cost(p, points, x);
        float damping = 1e-4f;
        for (int evaluation = 0; evaluation < max_evaluations; evaluation++) {
            symbol_equations equations;
            for (int d = 0; d < 2; d++)
                for (int b = 0; b < B; b++)
                    equations.add(d,
                                  points[d].by_alpha[b],
                                  points[d].by_beta[b],
                                  p.llr[d][b] - points[d].llr[b],
                                  p.weight[d][b]);
            for (int d = 0; d < 2; d++) {
                const excess e = excess_of(x.alpha[d], x.beta);
                equations.add(d, e.by_alpha, e.by_beta, e.residual, 1.0f);
            }
            unknowns step;
            equations.solve(damping, step.alpha, step.beta);

            unknowns trial;
            // A gain may not jump by more than a factor of four at once.
            trial.beta = clipped(
                p, std::max(0.25f * x.beta, std::min(4.0f * x.beta, x.beta + step.beta)));
            for (int d = 0; d < 2; d++) {
                trial.alpha[d] = x.alpha[d] + step.alpha[d];
                d_dimension.evaluate(trial.alpha[d], trial.beta, trial_points[d]);
            }
            const float reached = cost(p, trial_points, trial);
            if (!(reached < best)) {
                if (is_small(x, trial) && damping < enough_damping)
                    return;
                damping = std::max(10.0f * damping, enough_damping);
                continue;
            }
            // A step that damping made small is no sign of the end.
            const bool done = is_small(x, trial) && damping < enough_damping;
            x = trial;
            best = reached;
            std::memcpy(points, trial_points, sizeof(points));
            damping *= 0.1f;
            if (done)
                return;
        }
    }

    // alpha is sqrt(2 beta) times y in standard deviations of its noise.
    static bool is_small(const unknowns& from, const unknowns& to)
    {
        const float unit = small_step * std::sqrt(2.0f * to.beta);
        return std::fabs(to.beta - from.beta) < small_step * to.beta &&
               std::fabs(to.alpha[0] - from.alpha[0]) < unit &&
               std::fabs(to.alpha[1] - from.alpha[1]) < unit;
    }

    pam_demapper<B> d_dimension;
};

} // namespace

demapper_inverse::demapper_inverse(unsigned bits_per_symbol) : d_bits(bits_per_symbol / 2)
{
    if (bits_per_symbol != 4 && bits_per_symbol != 6 && bits_per_symbol != 8)
        throw std::invalid_argument("demapper_inverse: bits_per_symbol is " +
                                    std::to_string(bits_per_symbol) +
                                    ", expected 4, 6 or 8 (16-, 64- or 256-QAM)");
}

void demapper_inverse::invert(const float* llrs,
                              std::size_t n_symbols,
                              float* iq,
                              float* gain_to_noise) const noexcept
{
    if (d_bits == 2) {
        static const inverter<2> with;
        with.invert(llrs, n_symbols, iq, gain_to_noise);
    } else if (d_bits == 3) {
        static const inverter<3> with;
        with.invert(llrs, n_symbols, iq, gain_to_noise);
    } else {
        static const inverter<4> with;
        with.invert(llrs, n_symbols, iq, gain_to_noise);
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

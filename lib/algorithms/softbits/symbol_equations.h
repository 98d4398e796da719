/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_SOFTBITS_SYMBOL_EQUATIONS_H
#define INCLUDED_FEWBIT_SOFTBITS_SYMBOL_EQUATIONS_H

#include <algorithm>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Weighted normal equations of a symbol's (alpha_I, alpha_Q, beta), damped as
 * Levenberg and Marquardt do; I and Q meet only in beta.
 */
struct symbol_equations {
    float aa[2] = {0.0f, 0.0f}; // alpha by alpha
    float ab[2] = {0.0f, 0.0f}; // alpha by beta
    float bb = 0.0f;            // beta by beta
    float ra[2] = {0.0f, 0.0f}; // right sides
    float rb = 0.0f;

    //! One LLR (or other residual) of dimension \p d: what is missing, and by what it changes.
    void add(int d, float by_alpha, float by_beta, float residual, float weight)
    {
        aa[d] += weight * by_alpha * by_alpha;
        ab[d] += weight * by_alpha * by_beta;
        bb += weight * by_beta * by_beta;
        ra[d] += weight * by_alpha * residual;
        rb += weight * by_beta * residual;
    }

    //! The step that a diagonal grown by 1 + \p damping asks for.
    void solve(float damping, float alpha[2], float& beta) const
    {
        const float grow = 1.0f + damping;
        float schur = grow * bb + 1e-12f, right = rb;
        for (int d = 0; d < 2; d++) {
            const float over = ab[d] / (grow * aa[d] + 1e-20f);
            schur -= over * ab[d];
            right -= over * ra[d];
        }
        beta = right / std::max(schur, 1e-9f * bb + 1e-12f);
        solve_alpha(damping, beta, alpha);
    }

    //! The same for a given beta.
    void solve_alpha(float damping, float beta, float alpha[2]) const
    {
        for (int d = 0; d < 2; d++)
            alpha[d] = (ra[d] - ab[d] * beta) / ((1.0f + damping) * aa[d] + 1e-20f);
    }
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_SOFTBITS_SYMBOL_EQUATIONS_H */

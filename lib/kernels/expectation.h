/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_EXPECTATION_H
#define INCLUDED_FEWBIT_KERNELS_EXPECTATION_H

#include "aligned_vector.h"
#include <cstddef>

namespace gr {
namespace fewbit {
namespace kernels {

/*!
 * \brief Expectation propagation for y = H x + n in the real model, of sixteen vectors at once, a
 * vector in each lane (Cespedes et al., IEEE Trans. Commun. 62(8), 2014).
 *
 * The symbols' discrete prior is stood for by exp(-L_i x_i^2 / 2 + g_i x_i). With G = H^T H / v
 * and z = H^T y / v, v the noise variance:
 *
 *   S = (G + diag L)^-1,  mu = S (z + g)
 *   h_i = S_ii / (1 - S_ii L_i),  t_i = h_i (mu_i / S_ii - g_i)       what the others say of x_i
 *   m, s = mean and variance of the levels weighted by exp(-(x - t_i)^2 / (2 h_i)),  s >= 1e-4
 *   L_i <- 1 / s - 1 / h_i,  g_i <- m / s - t_i / h_i     damped; not where 1 / s <= 1 / h_i
 */
class expectation_propagation
{
public:
    static constexpr std::size_t lanes = 16;

    expectation_propagation() = default;
    expectation_propagation(std::size_t columns, int levels);

    //! Floats of one record: rows of G up to the diagonal.
    std::size_t record_floats() const noexcept { return d_columns * (d_columns + 1) / 2; }

    //! \p n <= 16 vectors: records of each, z [n][stride].
    void run(const float* const* records,
             const float* z,
             std::size_t stride,
             std::size_t n,
             std::size_t iterations,
             float damping) noexcept;

    //! t_i and h_i after the last iteration.
    float mean(std::size_t vector, std::size_t i) const noexcept
    {
        return d_mean[i * lanes + vector];
    }
    float variance(std::size_t vector, std::size_t i) const noexcept
    {
        return d_variance[i * lanes + vector];
    }

    //! What the kernel reads and writes; all of them [..][16].
    struct memory {
        std::size_t columns;
        int levels;
        std::size_t iterations;
        float damping;
        const float *gram, *z;
        float *lower, *precision, *shift, *whitened, *mean, *variance;
    };

private:
    std::size_t d_columns = 0;
    int d_levels = 2;
    aligned_vector<float> d_gram, d_z, d_lower, d_precision, d_shift, d_whitened, d_mean,
        d_variance;
};

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_EXPECTATION_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_CHANNEL_SOLVER_H
#define INCLUDED_FEWBIT_KERNELS_CHANNEL_SOLVER_H

#include "complex_planes.h"
#include <complex>
#include <cstddef>

namespace gr {
namespace fewbit {
namespace kernels {

/*!
 * \brief Gram matrices, their regularised inverses and linear filters of 16 channels at once, a
 * channel in each lane.
 *
 *   G = H^H H,   A = (G + rho I)^-1,   W = A H^H     (H m x k)
 *
 * by Cholesky: G + rho I = L L^H, A = L^-H L^-1. A pivot that is not positive is taken for
 * 1e-30: what comes of it is large, or not finite, and the caller looks.
 */
class channel_solver
{
public:
    static constexpr std::size_t lanes = 16;

    using planes = complex_planes<float, lanes>;

    channel_solver() = default;
    channel_solver(std::size_t antennas, std::size_t users);

    //! \p n <= 16 channels [n][m][k]; lanes beyond hold zeros.
    void load(const std::complex<float>* h, std::size_t n) noexcept;
    void gram() noexcept;
    //! A, of gram() and \p rho [16].
    void invert(const float* rho) noexcept;
    void filter() noexcept; //!< W, of invert()
    //! H^H, in place of W.
    const planes& adjoint() noexcept;

    const planes& channel() const noexcept { return d_h; }     //!< H, m x k
    const planes& gram_matrix() const noexcept { return d_g; } //!< G, k x k
    const planes& inverse() const noexcept { return d_a; }     //!< A, k x k
    const planes& filters() const noexcept { return d_w; }     //!< W, k x m

private:
    planes d_h, d_g, d_l, d_a, d_w;
};

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_CHANNEL_SOLVER_H */

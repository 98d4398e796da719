/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// The peer of a channel's preparation in Eigen, one channel after another: eigen_peer.py compiles
// it for the processor at hand and calls it.
//
//   G = H^H H + rho I = L L^H,   M = rho G^-1,   W = G^-1 H^H
//
// All matrices row by row, as numpy has them: h, w and m [n][16][16].

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <complex>
#include <cstddef>

namespace {

constexpr int size = 16;
using cfloat = std::complex<float>;
using fixed = Eigen::Matrix<cfloat, size, size, Eigen::RowMajor>;
using fixed_columns = Eigen::Matrix<cfloat, size, size>; // Eigen's own order
using dynamic = Eigen::MatrixXcf;
using rows = Eigen::Map<const fixed>;

Eigen::Map<fixed> as_rows(cfloat* values) { return Eigen::Map<fixed>(values); }

// How G^-1 and W are come by: each is the fastest on some processor or other.
enum class way { solve_both, invert_and_multiply };

template <class Matrix, way How>
void prepare(const cfloat* h, std::size_t n, float rho, cfloat* m, cfloat* w)
{
    Matrix channel(size, size), gram(size, size), inverse(size, size), filter(size, size);
    Eigen::LLT<Matrix> factor(size);
    for (std::size_t c = 0; c < n;
         c++, h += size * size, m += size * size, w += size * size) {
        channel = rows(h);
        gram.noalias() = channel.adjoint() * channel;
        gram.diagonal().array() += rho;
        factor.compute(gram); // of the lower triangle
        inverse.setIdentity();
        factor.solveInPlace(inverse);
        if constexpr (How == way::solve_both) {
            filter = channel.adjoint();
            factor.solveInPlace(filter);
        } else {
            filter.noalias() = inverse * channel.adjoint();
        }
        as_rows(m).noalias() = rho * inverse;
        as_rows(w) = filter;
    }
}

} // namespace

#define FEWBIT_PEER(NAME, ...)                                                           \
    extern "C" void NAME(const void* h, std::size_t n, float rho, void* m, void* w)      \
    {                                                                                    \
        prepare<__VA_ARGS__>(static_cast<const cfloat*>(h),                              \
                             n,                                                          \
                             rho,                                                        \
                             static_cast<cfloat*>(m),                                    \
                             static_cast<cfloat*>(w));                                   \
    }

FEWBIT_PEER(fixed_solve, fixed_columns, way::solve_both)
FEWBIT_PEER(fixed_multiply, fixed_columns, way::invert_and_multiply)
FEWBIT_PEER(dynamic_solve, dynamic, way::solve_both)
FEWBIT_PEER(dynamic_multiply, dynamic, way::invert_and_multiply)

extern "C" int eigen_version()
{
    return EIGEN_WORLD_VERSION * 10000 + EIGEN_MAJOR_VERSION * 100 + EIGEN_MINOR_VERSION;
}

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_LINEAR_ALGEBRA_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_LINEAR_ALGEBRA_H

#include <gnuradio/fewbit/algorithms/task_quantizer/matrix.h>
#include <cstddef>

namespace gr {
namespace fewbit {
namespace algorithms {

/*! \brief Cholesky's factorisation A = L L^T in place: the lower triangle of \p a [n][n] is
 * read and becomes L.
 * \returns false, and leaves \p a half done, if a pivot is not above 1e-13 of its diagonal
 * element: A is not positive definite for all that float64 can tell
 */
bool cholesky(double* a, std::size_t n) noexcept;

//! x := (L L^T)^-1 x, with L from cholesky().
void cholesky_solve(const double* l, std::size_t n, double* x) noexcept;

/*! \brief The first \p count left singular vectors of \p a, largest singular value first, as
 * rows [count][a.rows]; beyond a's rank, any that complete an orthonormal set. count at most
 * a.rows. (One-sided Jacobi rotations; Golub and Van Loan, Matrix Computations, 8.6.3.)
 */
matrix left_singular_vectors(const matrix& a, std::size_t count);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_LINEAR_ALGEBRA_H */

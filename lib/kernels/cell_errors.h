/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_CELL_ERRORS_H
#define INCLUDED_FEWBIT_KERNELS_CELL_ERRORS_H

#include <cstddef>

namespace gr {
namespace fewbit {
namespace kernels {

//! Columns of the inner table are padded with zeros to a multiple of this.
constexpr std::size_t cell_errors_columns = 8;

/*! \brief sum over cells (a, b) and bits i of
 *
 *     min(sum_{class: bit i = 0} P(class, a, b), sum_{class: bit i = 1} P(class, a, b)),
 *     P(class, a, b) = outer[a][class] inner[class][b]
 *
 * in float64.
 *
 * \param outer [rows][2^users]
 * \param inner [2^users][columns], aligned
 * \param columns a multiple of cell_errors_columns; those that pad are 0
 * \param users 1 to 8
 */
double cell_errors(const double* outer,
                   std::size_t rows,
                   const double* inner,
                   std::size_t columns,
                   std::size_t users) noexcept;

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_CELL_ERRORS_H */

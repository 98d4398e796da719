/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_MATRIX_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_MATRIX_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <complex>
#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! A real matrix for set-up maths, row by row: at(r, c) = values[r * columns + c].
struct matrix {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<double> values;

    matrix() = default;
    matrix(std::size_t rows_, std::size_t columns_)
        : rows(rows_), columns(columns_), values(rows_ * columns_)
    {
    }
    double& at(std::size_t r, std::size_t c) { return values[r * columns + c]; }
    double at(std::size_t r, std::size_t c) const { return values[r * columns + c]; }
};

/*! \brief [Re A; Im A] of a complex matrix [rows][columns]: the real channel that real
 * symbols see. Complex noise of variance E|n|^2 is noise of variance E|n|^2 / 2 on it.
 * \throws std::invalid_argument unless there are rows * columns values
 */
FEWBIT_ALGORITHMS_API matrix stacked(const std::vector<std::complex<double>>& values,
                                     std::size_t rows,
                                     std::size_t columns);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_MATRIX_H */

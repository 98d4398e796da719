/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_MATRIX_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_MATRIX_H

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

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_MATRIX_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/task_quantizer/matrix.h>

#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

matrix stacked(const std::vector<std::complex<double>>& values,
               std::size_t rows,
               std::size_t columns)
{
    if (values.size() != rows * columns)
        throw std::invalid_argument("stacked: got " + std::to_string(values.size()) +
                                    " values, expected " + std::to_string(rows) + " x " +
                                    std::to_string(columns));
    matrix result(2 * rows, columns);
    for (std::size_t i = 0; i < values.size(); i++) {
        result.values[i] = values[i].real();
        result.values[values.size() + i] = values[i].imag();
    }
    return result;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BINDINGS_CHANNEL_MATRIX_H
#define INCLUDED_FEWBIT_BINDINGS_CHANNEL_MATRIX_H

#include "../number_array.h"
#include <complex>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

//! A matrix as blocks take it: real or complex in Python, rows of equal length.
struct channel_matrix {
    std::vector<std::complex<float>> values; // row by row
    std::size_t rows = 0, columns = 0;

    //! \throws std::invalid_argument unless it has two dimensions
    channel_matrix(const std::string& who, const pybind11::object& given)
    {
        namespace py = pybind11;
        using array =
            py::array_t<std::complex<float>, py::array::c_style | py::array::forcecast>;
        const array found(number_array(given, who + ": the matrix"));
        if (found.ndim() != 2)
            throw std::invalid_argument(who + ": the matrix has " +
                                        std::to_string(found.ndim()) +
                                        " dimensions, expected 2");
        rows = static_cast<std::size_t>(found.shape(0));
        columns = static_cast<std::size_t>(found.shape(1));
        values.assign(found.data(), found.data() + found.size());
    }
};

#endif /* INCLUDED_FEWBIT_BINDINGS_CHANNEL_MATRIX_H */

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BINDINGS_TASK_QUANTIZER_ARRAYS_H
#define INCLUDED_FEWBIT_BINDINGS_TASK_QUANTIZER_ARRAYS_H

#include "../number_array.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/dense_layer.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/matrix.h>
#include <pybind11/complex.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

// What the task quantizer's bindings share: batches of vectors, arrays whose last dimension
// is the vector, with any dimensions before it.

namespace task_quantizer_bindings {

namespace py = pybind11;

template <typename T>
using carray = py::array_t<T, py::array::c_style | py::array::forcecast>;

//! Vectors of a batch; throws unless their length is \p length.
template <typename T>
std::size_t vectors_of(const carray<T>& batch, std::size_t length, const std::string& who)
{
    if (batch.ndim() < 1 ||
        static_cast<std::size_t>(batch.shape(batch.ndim() - 1)) != length)
        throw std::invalid_argument(
            who + ": the last dimension is " +
            (batch.ndim() ? std::to_string(batch.shape(batch.ndim() - 1)) : "missing") +
            ", expected " + std::to_string(length));
    std::size_t vectors = 1;
    for (py::ssize_t i = 0; i + 1 < batch.ndim(); i++)
        vectors *= static_cast<std::size_t>(batch.shape(i));
    return vectors;
}

//! The batch's dimensions with vectors of another length ...
template <typename T>
std::vector<py::ssize_t> with_length(const carray<T>& batch, std::size_t length)
{
    std::vector<py::ssize_t> shape(batch.shape(), batch.shape() + batch.ndim());
    shape.back() = static_cast<py::ssize_t>(length);
    return shape;
}

//! ... and with one number a vector.
template <typename T>
std::vector<py::ssize_t> without_length(const carray<T>& batch)
{
    return {batch.shape(), batch.shape() + batch.ndim() - 1};
}

//! An array that f(values) fills without holding the interpreter's lock.
template <typename T, class F>
carray<T> filled(std::vector<py::ssize_t> shape, F f)
{
    carray<T> result(std::move(shape));
    T* out = result.mutable_data();
    py::gil_scoped_release others_may_run;
    f(out);
    return result;
}

template <typename T>
std::vector<T> to_vector(const carray<T>& values)
{
    return {values.data(), values.data() + values.size()};
}

template <typename T>
carray<T> to_array(const std::vector<T>& values)
{
    return carray<T>(static_cast<py::ssize_t>(values.size()), values.data());
}

template <typename T>
carray<T> to_array(const std::vector<T>& values, std::vector<py::ssize_t> shape)
{
    return carray<T>(std::move(shape), values.data());
}

inline gr::fewbit::algorithms::matrix to_matrix(const py::object& given,
                                                const std::string& who)
{
    const py::array array = number_array(given, who);
    if (array.dtype().kind() == 'c')
        throw std::invalid_argument(
            who + " is complex, expected a real matrix: [Re; Im], one above the other");
    const carray<double> values(array);
    if (values.ndim() != 2)
        throw std::invalid_argument(who + " has " + std::to_string(values.ndim()) +
                                    " dimensions, expected a matrix");
    gr::fewbit::algorithms::matrix result(static_cast<std::size_t>(values.shape(0)),
                                          static_cast<std::size_t>(values.shape(1)));
    result.values = to_vector(values);
    return result;
}

inline carray<double> to_array(const gr::fewbit::algorithms::matrix& values)
{
    return to_array(values.values,
                    {static_cast<py::ssize_t>(values.rows),
                     static_cast<py::ssize_t>(values.columns)});
}

//! Pairs (weight [out, in], bias [out]) to layers and back.
inline std::vector<gr::fewbit::algorithms::dense_layer>
to_layers(const std::vector<std::pair<carray<float>, carray<float>>>& pairs)
{
    std::vector<gr::fewbit::algorithms::dense_layer> layers;
    for (const auto& [weight, bias] : pairs) {
        if (weight.ndim() != 2)
            throw std::invalid_argument("a layer's weight has " +
                                        std::to_string(weight.ndim()) +
                                        " dimensions, expected [outputs, inputs]");
        layers.push_back({static_cast<std::size_t>(weight.shape(1)),
                          static_cast<std::size_t>(weight.shape(0)),
                          to_vector(weight),
                          to_vector(bias)});
    }
    return layers;
}

inline py::list
from_layers(const std::vector<gr::fewbit::algorithms::dense_layer>& layers)
{
    py::list pairs;
    for (const auto& one : layers)
        pairs.append(py::make_tuple(to_array(one.weight,
                                             {static_cast<py::ssize_t>(one.outputs),
                                              static_cast<py::ssize_t>(one.inputs)}),
                                    to_array(one.bias)));
    return pairs;
}

} // namespace task_quantizer_bindings

#endif /* INCLUDED_FEWBIT_BINDINGS_TASK_QUANTIZER_ARRAYS_H */

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../number_array.h"
#include "../registrars.h"
#include "arrays.h"
#include <gnuradio/fewbit/algorithms/link/linear_channel.h>

using gr::fewbit::algorithms::linear_channel;

namespace {

template <typename T>
linear_channel make_of(const carray<T>& matrix, double noise_variance, std::uint64_t seed)
{
    if (matrix.ndim() != 2)
        throw std::invalid_argument("linear_channel: matrix has " +
                                    std::to_string(matrix.ndim()) +
                                    " dimensions, expected [m, k]");
    return linear_channel(std::vector<T>(matrix.data(), matrix.data() + matrix.size()),
                          static_cast<std::size_t>(matrix.shape(0)),
                          static_cast<std::size_t>(matrix.shape(1)),
                          noise_variance,
                          seed);
}

linear_channel make(const py::object& given, double noise_variance, std::uint64_t seed)
{
    const py::array matrix = number_array(given, "linear_channel: matrix");
    if (matrix.dtype().kind() == 'c')
        return make_of(complex_array(matrix), noise_variance, seed);
    return make_of(carray<float>(matrix), noise_variance, seed);
}

template <typename Y, typename S>
py::array apply_to(linear_channel& channel, const carray<S>& s)
{
    const auto length = s.ndim() ? static_cast<std::size_t>(s.shape(s.ndim() - 1)) : 0;
    if (length != channel.inputs())
        throw std::invalid_argument("linear_channel.apply: the last dimension is " +
                                    std::to_string(length) + ", expected " +
                                    std::to_string(channel.inputs()));
    const std::size_t n = static_cast<std::size_t>(s.size()) / length;
    carray<Y> y(with_last(s, channel.outputs(), "linear_channel.apply"));
    const S* from = s.data();
    Y* to = y.mutable_data();
    {
        py::gil_scoped_release release;
        channel.apply(from, n, to);
    }
    return y;
}

py::array apply(linear_channel& channel, const py::array& s)
{
    using cfloat = std::complex<float>;
    if (s.dtype().kind() == 'c')
        return apply_to<cfloat>(channel, complex_array(s));
    if (channel.is_complex())
        return apply_to<cfloat>(channel, carray<float>(s));
    return apply_to<float>(channel, carray<float>(s));
}

} // namespace

void register_linear_channel(py::module& m)
{
    py::class_<linear_channel>(
        m, "linear_channel", "y = A s + w: a fixed matrix and white Gaussian noise.")
        .def(
            py::init(&make),
            py::arg("matrix"),
            py::arg("noise_variance"),
            py::arg("seed") = 1,
            "matrix [m, k], real or complex; the noise variance is per sample: of a real "
            "sample where y is real, E|w|^2 where y is complex.")
        .def_property_readonly("outputs", &linear_channel::outputs, "m.")
        .def_property_readonly("inputs", &linear_channel::inputs, "k.")
        .def_property_readonly("is_complex", &linear_channel::is_complex)
        .def_property("noise_variance",
                      &linear_channel::noise_variance,
                      &linear_channel::set_noise_variance)
        .def_property_readonly(
            "matrix",
            [](const linear_channel& c) {
                return complex_array({static_cast<py::ssize_t>(c.outputs()),
                                      static_cast<py::ssize_t>(c.inputs())},
                                     c.matrix().data());
            },
            "The matrix in use, its errors included, complex64 [m, k].")
        .def("perturb",
             &linear_channel::perturb,
             py::arg("e"),
             "Draw errors of relative variance e: A (1 + sqrt(e) N(0, 1)), from the A "
             "that "
             "was given.")
        .def("restore", &linear_channel::restore, "Back to the matrix that was given.")
        .def("apply",
             &apply,
             py::arg("s"),
             "s [..., k] to y [..., m]: float32 if the matrix and s are real, else "
             "complex64.");
}

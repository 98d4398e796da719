/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "block_class.h"
#include "channel_matrix.h"
#include <gnuradio/fewbit/linear_channel.h>
#include <gnuradio/fewbit/map_detector.h>
#include <pybind11/complex.h>

using namespace gr::fewbit;

namespace {

linear_channel::sptr make_channel(const py::object& matrix,
                                  const std::string& type,
                                  double noise_variance,
                                  double matrix_error,
                                  std::uint64_t seed)
{
    const channel_matrix a("linear_channel", matrix);
    return linear_channel::make(
        a.values, a.rows, a.columns, type, noise_variance, matrix_error, seed);
}

py::array_t<std::complex<float>> matrix_of(const linear_channel& channel)
{
    const std::vector<py::ssize_t> shape{static_cast<py::ssize_t>(channel.outputs()),
                                         static_cast<py::ssize_t>(channel.inputs())};
    return py::array_t<std::complex<float>>(shape, channel.matrix().data());
}

map_detector::sptr make_map_detector(const py::object& channel,
                                     const std::string& type,
                                     double noise_variance,
                                     const std::string& output)
{
    const channel_matrix h("map_detector", channel);
    return map_detector::make(h.values, h.rows, h.columns, type, noise_variance, output);
}

void register_linear_channel(py::module& m)
{
    block_class<linear_channel, gr::sync_block>(
        m, "linear_channel", "y = A s + w: vectors through a matrix, and noise.")
        .def_make(&make_channel,
                  py::arg("matrix"),
                  py::arg("type") = "complex",
                  py::arg("noise_variance") = 0.1,
                  py::arg("matrix_error") = 0.0,
                  py::arg("seed") = 1)
        .def(
            "set_matrix",
            [](linear_channel& block, const py::object& matrix) {
                block.set_matrix(channel_matrix("linear_channel", matrix).values);
            },
            py::arg("matrix"),
            "Another A of the same size.")
        .def("matrix", &matrix_of, "A in use, its errors included.")
        .def("outputs", &linear_channel::outputs)
        .def("inputs", &linear_channel::inputs)
        .def("set_noise_variance",
             &linear_channel::set_noise_variance,
             py::arg("noise_variance"),
             "E|w|^2 of an output value.")
        .def("noise_variance", &linear_channel::noise_variance)
        .def("set_snr_db", &linear_channel::set_snr_db, py::arg("snr_db"))
        .def("set_matrix_error",
             &linear_channel::set_matrix_error,
             py::arg("e"),
             "Errors of relative variance e, drawn now; 0 takes them away.")
        .def("redraw_matrix", &linear_channel::redraw_matrix, "Draw the errors anew.")
        .def("counters", &linear_channel::counters, "Counts by name.");
}

void register_map_detector(py::module& m)
{
    block_class<map_detector, gr::sync_block>(
        m, "map_detector", "MAP detection of BPSK users without quantization.")
        .def_make(&make_map_detector,
                  py::arg("channel"),
                  py::arg("type") = "float",
                  py::arg("noise_variance") = 0.1,
                  py::arg("output") = "bits")
        .def(
            "set_channel",
            [](map_detector& block, const py::object& channel) {
                block.set_channel(channel_matrix("map_detector", channel).values);
            },
            py::arg("channel"),
            "Another H of the same size.")
        .def("set_noise_variance",
             &map_detector::set_noise_variance,
             py::arg("noise_variance"))
        .def("noise_variance", &map_detector::noise_variance)
        .def("set_snr_db", &map_detector::set_snr_db, py::arg("snr_db"))
        .def("counters", &map_detector::counters, "Counts by name.");
}

} // namespace

void register_channel_blocks(py::module& m)
{
    register_linear_channel(m);
    register_map_detector(m);
}

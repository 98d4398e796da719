/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../link/arrays.h"
#include "../registrars.h"
#include <gnuradio/fewbit/algorithms/detection/unfolded_detector.h>
#include <pybind11/stl.h>

using namespace gr::fewbit::algorithms;

namespace {

std::string path_text(const py::object& path)
{
    return py::module::import("os").attr("fsencode")(path).cast<std::string>();
}

template <typename T>
carray<T> to_array(const std::vector<T>& values, std::size_t rows)
{
    const std::size_t columns = rows ? values.size() / rows : 0;
    return carray<T>({rows, columns}, values.data());
}

py::dict prepared(const unfolded_detector& d, std::size_t channel)
{
    const unfolded_channel c = d.prepared(channel);
    const std::size_t n = 2 * d.size().users;
    py::dict found;
    found["matrix"] = to_array(c.matrix, n);
    found["matrix_scale"] = carray<float>(c.matrix_scale.size(), c.matrix_scale.data());
    found["filter"] = to_array(c.filter, n);
    found["filter_scale"] = carray<float>(c.filter_scale.size(), c.filter_scale.data());
    found["exponent"] = c.exponent;
    found["diagonal"] = carray<std::int16_t>(c.diagonal.size(), c.diagonal.data());
    found["gains"] = to_array(c.gains, c.steps.size());
    found["layer_gains"] = to_array(c.layer_gains, c.layer_gains.empty() ? 0 : 3);
    found["steps"] = carray<std::int16_t>(c.steps.size(), c.steps.data());
    found["etas"] = carray<float>(c.etas.size(), c.etas.data());
    return found;
}

carray<float> outputs(unfolded_detector& d, const complex_array& y, std::size_t block_len)
{
    if (y.ndim() != 2 || y.shape(1) != static_cast<py::ssize_t>(d.size().antennas))
        throw std::invalid_argument("unfolded_detector.outputs: expected y [vectors, " +
                                    std::to_string(d.size().antennas) + "]");
    const auto n = static_cast<std::size_t>(y.shape(0));
    carray<float> o({n, 2 * d.size().users});
    const auto* from = y.data();
    auto* to = o.mutable_data();
    py::gil_scoped_release others_may_run;
    d.outputs(from, n, block_len, to);
    return o;
}

} // namespace

void register_unfolded_detector(py::module& m)
{
    py::class_<unfolded_detector, detector>(
        m,
        "unfolded_detector",
        "A trained PGD-Net or ADMM-Net, in float32 or in int8; docs/unfolded_detector.md "
        "has the equations.")
        .def(py::init([](const py::object& path) {
                 return std::make_unique<unfolded_detector>(path_text(path));
             }),
             py::arg("path"),
             "Load a bundle of kind 'unfolded_detector'; bundle_error in one sentence if "
             "it is none.")
        .def_property_readonly("is_int8", &unfolded_detector::is_int8)
        .def_property_readonly("layers", &unfolded_detector::layers)
        .def_property_readonly("method", &unfolded_detector::method)
        .def("outputs",
             &outputs,
             py::arg("y"),
             py::arg("block_len") = 1,
             "The last layer's outputs float32 [vectors, 2 * users], [Re; Im], in the "
             "real "
             "model's units (levels 2 apart); 0 where a vector is erased.")
        .def("prepared",
             &prepared,
             py::arg("channel") = 0,
             "The integers of a prepared channel, by the names of "
             "docs/unfolded_detector.md: matrix int8 [N, N], filter int16 [N, R], their "
             "scales, exponent (e), diagonal, gains [denoisers, N], layer_gains [3, "
             "denoisers] (alpha, "
             "beta, "
             "kappa), steps, etas.");
}

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../registrars.h"
#include "arrays.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/named_quantizer.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/threshold_scatter.h>

using namespace gr::fewbit::algorithms;
using namespace task_quantizer_bindings;

namespace {

named_quantizer make(const std::string& text,
                     const py::object& channel,
                     double noise_variance,
                     bool complex_inputs)
{
    const matrix h =
        channel.is_none() ? matrix() : to_matrix(channel, "named_quantizer: channel");
    py::gil_scoped_release others_may_run; // a search takes its time
    return named_quantizer(text, h, noise_variance, complex_inputs);
}

} // namespace

void register_named_quantizer(py::module& m)
{
    py::class_<named_quantizer>(
        m,
        "named_quantizer",
        "A task quantizer by its name: a bundle, 'quantized_map:rate=1' or "
        "'rotation_lookup:levels=8'.")
        .def(py::init(&make),
             py::arg("text"),
             py::arg("channel") = py::none(),
             py::arg("noise_variance") = 0.1,
             py::arg("complex_inputs") = false,
             "channel: H [n, k], real, for the designs that follow from it.")
        .def_property_readonly("depends_on_noise", &named_quantizer::depends_on_noise)
        .def(
            "at",
            &named_quantizer::at,
            py::arg("noise_variance"),
            "The task_quantizer for a noise variance; a rotation stays as it was found.");
    m.def("threshold_scatter",
          &threshold_scatter,
          py::arg("adc"),
          py::arg("deviation"),
          py::arg("seed") = 1,
          "The scalar_adc with every threshold moved on its own.");
}

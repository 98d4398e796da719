/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"
#include <gnuradio/fewbit/algorithms/coding/error_counter.h>

using namespace gr::fewbit::algorithms;

void register_error_counter(py::module& m)
{
    py::class_<rate_estimate>(
        m,
        "rate_estimate",
        "A rate and its confidence interval; the rate of nothing is NaN.")
        .def_readonly("rate", &rate_estimate::rate)
        .def_readonly("low", &rate_estimate::low)
        .def_readonly("high", &rate_estimate::high);
    m.def("wilson_interval",
          &wilson_interval,
          py::arg("errors"),
          py::arg("trials"),
          py::arg("confidence") = 0.95,
          "The Wilson score interval of errors in trials.");
    m.def("clopper_pearson_interval",
          &clopper_pearson_interval,
          py::arg("errors"),
          py::arg("trials"),
          py::arg("confidence") = 0.95,
          "The Clopper-Pearson interval of errors in trials.");

    py::class_<error_counter>(m,
                              "error_counter",
                              "Counts block errors and bit errors; the bit error rate's "
                              "interval allows for bursts.")
        .def(py::init<>())
        .def("add",
             py::overload_cast<std::uint64_t, std::uint64_t, bool>(&error_counter::add),
             py::arg("bit_errors"),
             py::arg("bits"),
             py::arg("block_error"))
        .def("add", py::overload_cast<bool>(&error_counter::add), py::arg("block_error"))
        .def("reset", &error_counter::reset)
        .def("bler", &error_counter::bler, py::arg("confidence") = 0.95)
        .def("ber", &error_counter::ber, py::arg("confidence") = 0.95)
        .def_property_readonly("blocks", &error_counter::blocks)
        .def_property_readonly("block_errors", &error_counter::block_errors)
        .def_property_readonly("bits", &error_counter::bits)
        .def_property_readonly("bit_errors", &error_counter::bit_errors);

    py::class_<stop_rule>(
        m, "stop_rule", "When to stop counting: as soon as a limit that is set is met.")
        .def(py::init(
                 [](std::uint64_t min_errors, std::uint64_t max_blocks, double width) {
                     return stop_rule{min_errors, max_blocks, width};
                 }),
             py::arg("min_errors") = 0,
             py::arg("max_blocks") = 0,
             py::arg("relative_width") = 0.0)
        .def("is_met",
             &stop_rule::is_met,
             py::arg("counter"),
             py::arg("confidence") = 0.95);
}

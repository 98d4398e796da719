/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "block_class.h"
#include <gnuradio/fewbit/error_meter.h>
#include <gnuradio/fewbit/mse_meter.h>
#include <gnuradio/fewbit/pdu_impairments.h>

namespace {

void register_error_meter(py::module& m)
{
    using gr::fewbit::error_meter;
    block_class<error_meter>(
        m,
        "error_meter",
        "Counts bit and block error rates with 95 % confidence intervals, until it knows "
        "enough.")
        .def_make(&error_meter::make,
                  py::arg("max_attempts") = 4,
                  py::arg("compare") = true,
                  py::arg("min_errors") = 0,
                  py::arg("max_blocks") = 0,
                  py::arg("relative_width") = 0.0,
                  py::arg("report_every") = 100,
                  py::arg("table_size") = 4096,
                  py::arg("block_bits") = 300,
                  py::arg("window") = 200,
                  py::arg("stream_rate") = 50.0)
        .def("reset", &error_meter::reset, "Start the count again.")
        .def("is_done", &error_meter::is_done, "Whether the stop rule has been met.")
        .def("report",
             &error_meter::report,
             "The figures by name, such as 'first.bler' and 'after_harq.bler_high'.");
}

void register_mse_meter(py::module& m)
{
    using gr::fewbit::mse_meter;
    block_class<mse_meter, gr::sync_decimator, gr::sync_block>(
        m, "mse_meter", "Mean squared error between two streams of vectors.")
        .def_make(&mse_meter::make,
                  py::arg("type") = "float",
                  py::arg("vlen") = 80,
                  py::arg("n_items") = 500)
        .def("reset", &mse_meter::reset, "Start the count of report() again.")
        .def("report",
             &mse_meter::report,
             "Of all items since the reset: items, mse, mse_low, mse_high, not_finite.");
}

void register_pdu_impairments(py::module& m)
{
    using gr::fewbit::pdu_impairments;
    block_class<pdu_impairments>(
        m,
        "pdu_impairments",
        "Drops, duplicates, reorders, corrupts and truncates messages: an unkind wire.")
        .def_make(&pdu_impairments::make,
                  py::arg("drop") = 0.0,
                  py::arg("duplicate") = 0.0,
                  py::arg("reorder") = 0.0,
                  py::arg("corrupt") = 0.0,
                  py::arg("truncate") = 0.0,
                  py::arg("seed") = 1)
        .def("set_drop", &pdu_impairments::set_drop, py::arg("probability"))
        .def("set_duplicate", &pdu_impairments::set_duplicate, py::arg("probability"))
        .def("set_reorder", &pdu_impairments::set_reorder, py::arg("probability"))
        .def("set_corrupt", &pdu_impairments::set_corrupt, py::arg("probability"))
        .def("set_truncate", &pdu_impairments::set_truncate, py::arg("probability"))
        .def("counters",
             &pdu_impairments::counters,
             "Always in + duplicated = out + dropped + waiting.");
}

} // namespace

void register_meter_blocks(py::module& m)
{
    register_error_meter(m);
    register_mse_meter(m);
    register_pdu_impairments(m);
}

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "channel_matrix.h"
#include "whole_number.h"
#include <gnuradio/fewbit/task_quantizer.h>
#include <pybind11/stl.h>

using gr::fewbit::task_quantizer;

namespace {

task_quantizer::sptr make(const std::string& design,
                          const std::string& type,
                          const std::string& output,
                          const py::object& channel,
                          double noise_variance,
                          whole_number block_len,
                          const std::string& refit,
                          whole_number refit_pilots,
                          double forgetting,
                          double offset_deviation,
                          double threshold_deviation,
                          double gain_deviation,
                          double jitter,
                          double noise,
                          double ridge,
                          whole_number seed)
{
    const std::string who = "task_quantizer";
    task_quantizer::known_channel known;
    known.noise_variance = noise_variance;
    if (!channel.is_none()) {
        const channel_matrix h(who, channel);
        known.matrix = h.values;
        known.n = h.rows;
        known.k = h.columns;
    }
    task_quantizer::settings how;
    how.block_len = block_len.as<std::size_t>(who, "block_len");
    how.refit = refit;
    how.refit_pilots = refit_pilots.as<std::size_t>(who, "refit_pilots");
    how.forgetting = forgetting;
    how.ridge = ridge;
    how.threshold_deviation = threshold_deviation;
    how.faults = {offset_deviation,
                  gain_deviation,
                  jitter,
                  noise,
                  seed.as<std::uint64_t>(who, "seed")};
    py::gil_scoped_release others_may_run; // a rotation takes its time
    return task_quantizer::make(design, type, output, known, how);
}

void add_settings(
    py::class_<task_quantizer, gr::hier_block2, gr::basic_block, task_quantizer::sptr>& c)
{
    using release = py::call_guard<py::gil_scoped_release>;
    c.def("set_design",
          &task_quantizer::set_design,
          py::arg("design"),
          release(),
          "Another design of the same sizes; all three parts change at one item.")
        .def("request_design",
             &task_quantizer::request_design,
             py::arg("design"),
             release(),
             "The same without an exception: False, and a line in the log, where it is "
             "refused.")
        .def("design", &task_quantizer::design, "The text of the design in use.")
        .def("set_noise_variance",
             &task_quantizer::set_noise_variance,
             py::arg("noise_variance"),
             release())
        .def("set_snr_db", &task_quantizer::set_snr_db, py::arg("snr_db"), release())
        .def("set_faults",
             &task_quantizer::set_faults,
             py::arg("offset_deviation") = 0.0,
             py::arg("threshold_deviation") = 0.0,
             py::arg("gain_deviation") = 0.0,
             py::arg("jitter") = 0.0,
             py::arg("noise") = 0.0,
             "Faults of the ADCs.")
        .def("set_refit",
             &task_quantizer::set_refit,
             py::arg("mode"),
             "'off', 'on', 'levels', 'counts' or 'logistic'.");
}

} // namespace

void register_task_quantizer_hier(py::module& m)
{
    py::class_<task_quantizer, gr::hier_block2, gr::basic_block, task_quantizer::sptr> c(
        m,
        "task_quantizer",
        "A whole task-based quantizer, or a rival in its place: 'map', "
        "'quantized_map:rate=1', 'rotation_lookup:levels=8', or a bundle.");
    c.def(py::init(&make),
          py::arg("design"),
          py::arg("type") = "float",
          py::arg("output") = "bits",
          py::arg("channel") = py::none(),
          py::arg("noise_variance") = 0.1,
          py::arg("block_len") = 1,
          py::arg("refit") = "off",
          py::arg("refit_pilots") = 200,
          py::arg("forgetting") = 1.0,
          py::arg("offset_deviation") = 0.0,
          py::arg("threshold_deviation") = 0.0,
          py::arg("gain_deviation") = 0.0,
          py::arg("jitter") = 0.0,
          py::arg("noise") = 0.0,
          py::arg("ridge") = 4.0,
          py::arg("seed") = 1,
          "channel: H [n, k] of x = H s + w, for the designs that follow from it.")
        .def(
            "combiner", &task_quantizer::combiner, "The hybrid_combiner; None for 'map'.")
        .def("adc", &task_quantizer::adc, "The learned_adc; None for 'map'.")
        .def("detector",
             &task_quantizer::detector,
             "The digital_detector; None for 'map'.")
        .def("map", &task_quantizer::map, "The map_detector of 'map'; else None.")
        .def("counters", &task_quantizer::counters, "Counts by name, the parts' too.");
    add_settings(c);
}

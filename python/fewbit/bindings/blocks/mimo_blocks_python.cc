/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "block_class.h"
#include <gnuradio/fewbit/mimo_channel.h>
#include <gnuradio/fewbit/unfolded_detector.h>

using namespace gr::fewbit;

namespace {

void register_mimo_channel_block(py::module& m)
{
    block_class<mimo_channel>(
        m,
        "mimo_channel",
        "y = H x + n: users' symbols through Rayleigh fading, and noise.")
        .def_make(&mimo_channel::make,
                  py::arg("antennas") = 16,
                  py::arg("users") = 16,
                  py::arg("block_len") = 1,
                  py::arg("noise_variance") = 0.01,
                  py::arg("fading") = "block",
                  py::arg("doppler") = 0.0,
                  py::arg("receive_correlation") = 0.0,
                  py::arg("transmit_correlation") = 0.0,
                  py::arg("seed") = 1)
        .def("set_noise_variance",
             &mimo_channel::set_noise_variance,
             py::arg("noise_variance"),
             "E|n|^2 of an antenna, from the next block on.")
        .def("noise_variance", &mimo_channel::noise_variance)
        .def("set_snr_db", &mimo_channel::set_snr_db, py::arg("snr_db"))
        .def("counters", &mimo_channel::counters, "Counts by name.");
}

void register_unfolded_detector_block(py::module& m)
{
    block_class<unfolded_detector>(m,
                                   "unfolded_detector",
                                   "What users sent to several antennas, the channel "
                                   "known: an unfolded network, or a "
                                   "rival of it.")
        .def_make(&unfolded_detector::make,
                  py::arg("detector") = "lmmse",
                  py::arg("antennas") = 16,
                  py::arg("users") = 16,
                  py::arg("bits_per_symbol") = 4,
                  py::arg("block_len") = 1,
                  py::arg("output") = "bits",
                  py::arg("noise_variance") = -1.0,
                  py::arg("check_channels") = true)
        .def("set_detector",
             &unfolded_detector::set_detector,
             py::arg("detector"),
             py::call_guard<py::gil_scoped_release>(), // work() may hold the lock
             "Another detector of the same sizes, from the next vector on.")
        .def("request_detector",
             &unfolded_detector::request_detector,
             py::arg("detector"),
             py::call_guard<py::gil_scoped_release>(),
             "The same, but a refusal is logged; whether the detector was taken.")
        .def("detector", &unfolded_detector::detector, "The text that was given.")
        .def("set_noise_variance",
             &unfolded_detector::set_noise_variance,
             py::arg("noise_variance"),
             "E|n|^2 of an antenna, from the next block on.")
        .def("noise_variance",
             &unfolded_detector::noise_variance,
             "Negative where nothing has told it yet.")
        .def("vectors_per_second",
             &unfolded_detector::vectors_per_second,
             "Of the time that the block spent at work lately; 0 before any.")
        .def("counters", &unfolded_detector::counters, "Counts by name.");
}

} // namespace

void register_mimo_blocks(py::module& m)
{
    register_mimo_channel_block(m);
    register_unfolded_detector_block(m);
}

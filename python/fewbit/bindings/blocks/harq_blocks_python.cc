/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "block_class.h"
#include <gnuradio/fewbit/harq_buffer.h>
#include <gnuradio/fewbit/harq_transmitter.h>

namespace {

void register_harq_transmitter(py::module& m)
{
    using gr::fewbit::harq_transmitter;
    block_class<harq_transmitter>(
        m,
        "harq_transmitter",
        "The sending side of a HARQ link: users x processes of stop-and-wait, on "
        "feedback.")
        .def_make(&harq_transmitter::make,
                  py::arg("users"),
                  py::arg("processes"),
                  py::arg("payload_bits") = 300,
                  py::arg("n_packets") = 0,
                  py::arg("max_attempts") = 4,
                  py::arg("rv_sequence") = std::vector<int>{0, 2, 3, 1},
                  py::arg("timeout_ms") = 200.0,
                  py::arg("seed") = 1,
                  py::arg("random") = true)
        .def_set("set_max_attempts",
                 &harq_transmitter::set_max_attempts,
                 py::arg("max_attempts"))
        .def("counters",
             &harq_transmitter::counters,
             "Blocks by fate, transmissions by cause, feedback by use; always sent = "
             "acknowledged + failed + in_flight.")
        .def("complete",
             &harq_transmitter::complete,
             "Whether n_packets blocks have ended.")
        .def("max_attempts", &harq_transmitter::max_attempts);
}

void register_harq_buffer(py::module& m)
{
    using gr::fewbit::harq_buffer;
    block_class<harq_buffer>(
        m,
        "harq_buffer",
        "A HARQ receiver's soft-bit buffer: combines retransmissions, stores what did "
        "not "
        "decode.")
        .def_make(&harq_buffer::make,
                  py::arg("users"),
                  py::arg("processes"),
                  py::arg("n_llrs"),
                  py::arg("codec") = "float",
                  py::arg("budget_bytes") = 1u << 20,
                  py::arg("storage") = "per_transmission",
                  py::arg("interleaver_seed") = 1,
                  py::arg("max_transmissions") = 4,
                  py::arg("max_pending") = 0,
                  py::arg("stats_every") = 32,
                  py::arg("stream_rate") = 50.0)
        .def_set("forget",
                 &harq_buffer::forget,
                 py::arg("user"),
                 "Drop what is known of a user.")
        .def("set_codec",
             &harq_buffer::set_codec,
             py::arg("codec"),
             "Store with another codec from now on; what is stored decodes with its own.")
        .def("codec", &harq_buffer::codec, "The codec's short name.")
        .def("counters", &harq_buffer::counters, "Counts of everything, by name.")
        .def("bytes_in_use", &harq_buffer::bytes_in_use)
        .def("peak_bytes", &harq_buffer::peak_bytes)
        .def("bits_per_llr",
             &harq_buffer::bits_per_llr,
             "Bits kept per stored LLR with all overhead.");
}

} // namespace

void register_harq_blocks(py::module& m)
{
    register_harq_transmitter(m);
    register_harq_buffer(m);
}

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "block_class.h"
#include <gnuradio/fewbit/llr_compressor.h>
#include <gnuradio/fewbit/llr_decompressor.h>

void register_llr_blocks(py::module& m)
{
    using gr::fewbit::llr_compressor;
    using gr::fewbit::llr_decompressor;

    block_class<llr_compressor>(
        m,
        "llr_compressor",
        "Compress PDUs of float32 LLRs (port pdus) into PDUs of uint8 containers (port "
        "pdus), "
        "with statistics on port stats and bits per LLR, one a packet, on an optional "
        "stream.")
        .def_make(&llr_compressor::make,
                  py::arg("codec") = "float",
                  py::arg("stats_every") = 32)
        .def("set_codec",
             &llr_compressor::set_codec,
             py::arg("codec"),
             "Compress with another codec from the next packet on.")
        .def("codec", &llr_compressor::codec, "The codec's short name.")
        .def("bits_per_llr",
             &llr_compressor::bits_per_llr,
             "Containers' bits by packets' LLRs since the codec was set; 0 before a "
             "packet.")
        .def("counters",
             &llr_compressor::counters,
             "Counts by name: passed, llrs, bytes, and the refused by cause.");

    block_class<llr_decompressor>(
        m,
        "llr_decompressor",
        "Unpack PDUs of uint8 containers (port pdus) into PDUs of float32 LLRs (port "
        "pdus); what "
        "is refused leaves on port refused with its reason.")
        .def_make(&llr_decompressor::make,
                  py::arg("codec") = "float",
                  py::arg("max_llrs") = 65536)
        .def("set_codec",
             &llr_decompressor::set_codec,
             py::arg("codec"),
             "Unpack with another codec from the next container on.")
        .def("codec", &llr_decompressor::codec, "The codec's short name.")
        .def("counters",
             &llr_decompressor::counters,
             "Counts by name: passed, and the refused by cause.");
}

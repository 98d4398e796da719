/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "block_class.h"
#include <gnuradio/fewbit/crc_append.h>
#include <gnuradio/fewbit/crc_check.h>
#include <gnuradio/fewbit/deinterleaver.h>
#include <gnuradio/fewbit/interleaver.h>
#include <gnuradio/fewbit/ldpc_decoder.h>
#include <gnuradio/fewbit/ldpc_encoder.h>

void register_coding_blocks(py::module& m)
{
    using namespace gr::fewbit;
    block_class<crc_append>(m, "crc_append", "Append a CRC to every PDU of bits.")
        .def_make(&crc_append::make, py::arg("crc") = "CRC-24A")
        .def("counters",
             &crc_append::counters,
             "PDUs served and refused, by cause: dict of name to count.");

    block_class<crc_check>(
        m, "crc_check", "Check and remove the CRC of every PDU of bits.")
        .def_make(
            &crc_check::make, py::arg("crc") = "CRC-24A", py::arg("drop_failed") = false)
        .def("set_drop_failed", &crc_check::set_drop_failed, py::arg("drop_failed"))
        .def("drop_failed", &crc_check::drop_failed)
        .def("counters",
             &crc_check::counters,
             "PDUs served and refused, by cause: dict of name to count.");

    block_class<ldpc_encoder>(
        m, "ldpc_encoder", "Encode every PDU of information bits into an LDPC codeword.")
        .def_make(&ldpc_encoder::make, py::arg("code") = "802.11n-648-1/2")
        .def("information_bits", &ldpc_encoder::information_bits)
        .def("codeword_bits", &ldpc_encoder::codeword_bits)
        .def("counters",
             &ldpc_encoder::counters,
             "PDUs served and refused, by cause: dict of name to count.");

    block_class<ldpc_decoder>(
        m,
        "ldpc_decoder",
        "Decode every PDU of LLRs into the information bits of an LDPC codeword.")
        .def_make(&ldpc_decoder::make,
                  py::arg("code") = "802.11n-648-1/2",
                  py::arg("algorithm") = "min-sum",
                  py::arg("max_iterations") = 50)
        .def_set("set_max_iterations",
                 &ldpc_decoder::set_max_iterations,
                 py::arg("max_iterations"))
        .def("max_iterations", &ldpc_decoder::max_iterations)
        .def("information_bits", &ldpc_decoder::information_bits)
        .def("codeword_bits", &ldpc_decoder::codeword_bits)
        .def("counters",
             &ldpc_decoder::counters,
             "PDUs served and refused, by cause: dict of name to count.");

    block_class<interleaver>(
        m,
        "interleaver",
        "Put the bits of every PDU from codeword order into transmitted order.")
        .def_make(&interleaver::make, py::arg("n") = 648, py::arg("seed") = 1)
        .def("counters",
             &interleaver::counters,
             "PDUs served and refused, by cause: dict of name to count.");

    block_class<deinterleaver>(
        m,
        "deinterleaver",
        "Put the LLRs of every PDU from transmitted order back into codeword order.")
        .def_make(&deinterleaver::make, py::arg("n") = 648, py::arg("seed") = 1)
        .def("counters",
             &deinterleaver::counters,
             "PDUs served and refused, by cause: dict of name to count.");
}

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "block_class.h"
#include <gnuradio/fewbit/frame_to_pdu.h>
#include <gnuradio/fewbit/ofdm_demodulator.h>
#include <gnuradio/fewbit/ofdm_modulator.h>
#include <gnuradio/fewbit/pdu_to_frame.h>
#include <gnuradio/fewbit/qam_mapper.h>
#include <gnuradio/fewbit/soft_demapper.h>
#include <gnuradio/fewbit/tdl_channel.h>

using namespace gr::fewbit;

namespace {

void register_framing(py::module& m)
{
    block_class<pdu_to_frame, gr::sync_block>(
        m, "pdu_to_frame", "Turn every PDU into one item, its dict into a tag pdu_meta.")
        .def_make(&pdu_to_frame::make, py::arg("type") = "byte", py::arg("vlen") = 648)
        .def("counters",
             &pdu_to_frame::counters,
             "PDUs served and refused, by cause: dict of name to count.");
    block_class<frame_to_pdu, gr::sync_block>(
        m, "frame_to_pdu", "Turn every item into a PDU, its tag pdu_meta into the dict.")
        .def_make(&frame_to_pdu::make, py::arg("type") = "float", py::arg("vlen") = 648);
}

void register_ofdm(py::module& m)
{
    block_class<ofdm_modulator, gr::sync_interpolator>(
        m, "ofdm_modulator", "Frames of symbols to OFDM symbols with a cyclic prefix.")
        .def_make(&ofdm_modulator::make,
                  py::arg("n_subcarriers") = 108,
                  py::arg("span") = 600,
                  py::arg("fft_length") = 1024,
                  py::arg("cyclic_prefix") = 72);
    block_class<ofdm_demodulator, gr::sync_decimator>(
        m, "ofdm_demodulator", "OFDM symbols to frames of received symbols.")
        .def_make(&ofdm_demodulator::make,
                  py::arg("n_subcarriers") = 108,
                  py::arg("span") = 600,
                  py::arg("fft_length") = 1024,
                  py::arg("cyclic_prefix") = 72,
                  py::arg("window_advance") = 8);
}

void register_mapping(py::module& m)
{
    block_class<qam_mapper, gr::sync_block>(
        m, "qam_mapper", "Frames of bits to frames of Gray QAM symbols.")
        .def_make(
            &qam_mapper::make, py::arg("n_bits") = 648, py::arg("bits_per_symbol") = 6);
    block_class<soft_demapper, gr::sync_block>(
        m, "soft_demapper", "LLRs of frames of received QAM symbols, the channel known.")
        .def_make(&soft_demapper::make,
                  py::arg("n_subcarriers") = 108,
                  py::arg("bits_per_symbol") = 6,
                  py::arg("method") = "exact",
                  py::arg("noise_variance") = 0.1f)
        .def("set_noise_variance",
             &soft_demapper::set_noise_variance,
             py::arg("noise_variance"))
        .def("noise_variance", &soft_demapper::noise_variance)
        .def("erased", &soft_demapper::erased, "Symbols that were not finite.")
        .def("bad_tags",
             &soft_demapper::bad_tags,
             "noise_variance tags that were no number.");
}

void register_channel(py::module& m)
{
    block_class<tdl_channel>(m, "tdl_channel", "A fading channel and noise on samples.")
        .def_make(&tdl_channel::make,
                  py::arg("block_length") = 1096,
                  py::arg("profile") = "EPA",
                  py::arg("noise_variance") = 0.1,
                  py::arg("fading") = "block",
                  py::arg("max_doppler") = 0.0,
                  py::arg("normalise") = true,
                  py::arg("sample_rate") = 15.36e6,
                  py::arg("n_subcarriers") = 108,
                  py::arg("span") = 600,
                  py::arg("fft_length") = 1024,
                  py::arg("rms_delay_spread") = 100e-9,
                  py::arg("seed") = 1)
        .def("set_noise_variance",
             &tdl_channel::set_noise_variance,
             py::arg("noise_variance"))
        .def("noise_variance", &tdl_channel::noise_variance)
        .def("set_snr_db", &tdl_channel::set_snr_db, py::arg("snr_db"))
        .def("set_max_doppler", &tdl_channel::set_max_doppler, py::arg("hertz"))
        .def("set_profile", &tdl_channel::set_profile, py::arg("profile"));
}

} // namespace

void register_link_blocks(py::module& m)
{
    register_framing(m);
    register_mapping(m);
    register_ofdm(m);
    register_channel(m);
}

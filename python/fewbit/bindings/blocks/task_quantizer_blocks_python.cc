/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "block_class.h"
#include <gnuradio/fewbit/digital_detector.h>
#include <gnuradio/fewbit/hybrid_combiner.h>
#include <gnuradio/fewbit/known_pilots.h>
#include <gnuradio/fewbit/learned_adc.h>
#include <gnuradio/fewbit/pilot_tagger.h>

using namespace gr::fewbit;

namespace {

void register_combiner(py::module& m)
{
    using gr::fewbit::algorithms::analog_map;
    using of_map =
        hybrid_combiner::sptr (*)(const analog_map&, const std::string&, std::size_t);
    using of_design =
        hybrid_combiner::sptr (*)(const std::string&, const std::string&, std::size_t);
    const auto type = py::arg("type") = "float";
    const auto block_len = py::arg("block_len") = 1;
    block_class<hybrid_combiner, gr::sync_block>(
        m,
        "hybrid_combiner",
        "Antenna vectors to ADC inputs; design is an algorithms.analog_map, a bundle "
        "file "
        "or the name of an installed model.")
        .def_make(static_cast<of_map>(&hybrid_combiner::make),
                  py::arg("design"),
                  type,
                  block_len)
        .def_make(static_cast<of_design>(&hybrid_combiner::make),
                  py::arg("design"),
                  type,
                  block_len)
        .def(
            "set_design",
            &hybrid_combiner::set_map,
            py::arg("design"),
            py::arg("design_id") = 0,
            "Another map; design_id goes into a tag 'design' on its first item, 0: none.")
        .def("set_design",
             &hybrid_combiner::set_design,
             py::arg("design"),
             py::arg("design_id") = 0)
        .def("set_agc", &hybrid_combiner::set_agc, py::arg("mode"), "'fixed' or 'block'.")
        .def("set_gain", &hybrid_combiner::set_gain, py::arg("gain"), "Of each ADC.")
        .def("gain", &hybrid_combiner::gain)
        .def("agc", &hybrid_combiner::agc)
        .def("inputs", &hybrid_combiner::inputs, "n, real numbers.")
        .def("outputs", &hybrid_combiner::outputs, "p, ADCs.")
        .def("counters", &hybrid_combiner::counters, "Counts by name.");
}

template <typename Design>
learned_adc::sptr make_adc(const Design& design,
                           double offset_deviation,
                           double threshold_deviation,
                           double gain_deviation,
                           double jitter,
                           double noise,
                           std::uint64_t seed)
{
    return learned_adc::make(design,
                             {offset_deviation, gain_deviation, jitter, noise, seed},
                             threshold_deviation);
}

template <typename Design>
void add_adc_make(block_class<learned_adc, gr::sync_block>& c)
{
    c.def_make(&make_adc<Design>,
               py::arg("design"),
               py::arg("offset_deviation") = 0.0,
               py::arg("threshold_deviation") = 0.0,
               py::arg("gain_deviation") = 0.0,
               py::arg("jitter") = 0.0,
               py::arg("noise") = 0.0,
               py::arg("seed") = 1);
}

void register_adc(py::module& m)
{
    block_class<learned_adc, gr::sync_block> c(
        m,
        "learned_adc",
        "ADC inputs to codes; design is an algorithms.scalar_adc, a bundle file or the "
        "name of an installed model.");
    add_adc_make<gr::fewbit::algorithms::scalar_adc>(c);
    add_adc_make<std::string>(c);
    c.def("set_design",
          &learned_adc::set_adc,
          py::arg("design"),
          py::arg("design_id") = 0,
          "Other ADCs, at the item with the tag 'design' of this number, or at once.")
        .def("set_design",
             &learned_adc::set_design,
             py::arg("design"),
             py::arg("design_id") = 0)
        .def("set_thresholds",
             &learned_adc::set_thresholds,
             py::arg("thresholds"),
             "Of ADC 0, then of ADC 1, ...")
        .def("thresholds", &learned_adc::thresholds)
        .def("levels", &learned_adc::levels, "M of each ADC.")
        .def("adcs", &learned_adc::adcs)
        .def("set_offset_deviation",
             &learned_adc::set_offset_deviation,
             py::arg("deviation"))
        .def("set_threshold_deviation",
             &learned_adc::set_threshold_deviation,
             py::arg("deviation"),
             "Of each threshold on its own.")
        .def("set_gain_deviation", &learned_adc::set_gain_deviation, py::arg("deviation"))
        .def("set_offsets", &learned_adc::set_offsets, py::arg("offsets"))
        .def("set_gain_errors", &learned_adc::set_gain_errors, py::arg("errors"))
        .def("offsets", &learned_adc::offsets)
        .def("gain_errors", &learned_adc::gain_errors)
        .def("set_jitter",
             &learned_adc::set_jitter,
             py::arg("deviation"),
             "In vector periods.")
        .def("set_noise", &learned_adc::set_noise, py::arg("deviation"))
        .def("counters", &learned_adc::counters, "Counts by name.");
}

template <typename Design>
void add_detector_make(block_class<digital_detector, gr::sync_block>& c)
{
    using make = digital_detector::sptr (*)(const Design&,
                                            const std::string&,
                                            const std::string&,
                                            std::size_t,
                                            double,
                                            double);
    c.def_make(static_cast<make>(&digital_detector::make),
               py::arg("design"),
               py::arg("output") = "bits",
               py::arg("refit") = "off",
               py::arg("refit_pilots") = 200,
               py::arg("forgetting") = 1.0,
               py::arg("ridge") = 4.0);
}

void register_detector(py::module& m)
{
    block_class<digital_detector, gr::sync_block> c(
        m,
        "digital_detector",
        "ADC codes to decisions or estimates; design is an algorithms.digital_map, a "
        "bundle file or the name of an installed model.");
    add_detector_make<gr::fewbit::algorithms::digital_map>(c);
    add_detector_make<std::string>(c);
    c.def_set("set_refit_pilots",
              &digital_detector::set_refit_pilots,
              py::arg("pilots"),
              "From one refit to the next.");
    c.def("set_design",
          &digital_detector::set_map,
          py::arg("design"),
          py::arg("design_id") = 0,
          "Another map, at the item with the tag 'design' of this number, or at once.")
        .def("set_design",
             &digital_detector::set_design,
             py::arg("design"),
             py::arg("design_id") = 0)
        .def("set_affine",
             &digital_detector::set_affine,
             py::arg("weight"),
             py::arg("bias"),
             "[powers][k][p] and [powers][k], row by row.")
        .def("set_log_likelihood",
             &digital_detector::set_log_likelihood,
             py::arg("log_likelihood"),
             "[codes of all ADCs][2**k], row by row.")
        .def("map", &digital_detector::map, "The map as it is now.")
        .def("set_refit",
             &digital_detector::set_refit,
             py::arg("mode"),
             "'off', 'on', 'levels', 'counts' or 'logistic'.")
        .def("set_forgetting", &digital_detector::set_forgetting, py::arg("forgetting"))
        .def("refit_now",
             &digital_detector::refit_now,
             "Refit from the pilots gathered so far.")
        .def("counters", &digital_detector::counters, "Counts by name.");
}

void register_pilots(py::module& m)
{
    block_class<pilot_tagger, gr::sync_block>(
        m, "pilot_tagger", "Mark items as pilots, with what they hold.")
        .def_make(&pilot_tagger::make,
                  py::arg("type") = "float",
                  py::arg("vlen") = 4,
                  py::arg("n_pilots") = 200,
                  py::arg("period") = 0)
        .def("set_pattern",
             &pilot_tagger::set_pattern,
             py::arg("n_pilots"),
             py::arg("period"),
             "Other pilots; the next item is the first of a period.")
        .def("restart", &pilot_tagger::restart, "The next item is the first of a period.")
        .def("n_tagged", &pilot_tagger::n_tagged, "Items tagged so far.");
    block_class<known_pilots, gr::sync_block>(
        m, "known_pilots", "Tell a received stream which of its items are pilots.")
        .def_make(&known_pilots::make,
                  py::arg("type") = "complex",
                  py::arg("vlen") = 6,
                  py::arg("positions") = std::vector<std::uint64_t>(),
                  py::arg("values") = std::vector<float>(),
                  py::arg("bits") = false,
                  py::arg("period") = 0)
        .def("n_tagged", &known_pilots::n_tagged, "Items tagged so far.");
}

} // namespace

void register_channel_blocks(py::module& m);
void register_task_quantizer_hier(py::module& m);

void register_task_quantizer_blocks(py::module& m)
{
    register_combiner(m);
    register_adc(m);
    register_detector(m);
    register_pilots(m);
    register_channel_blocks(m);
    register_task_quantizer_hier(m);
}

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../registrars.h"
#include "arrays.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/cell_ber.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/lookup_design.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/map_detector.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/rotation_search.h>

using namespace gr::fewbit::algorithms;
using namespace task_quantizer_bindings;

namespace {

rotation_design search(const py::object& channel,
                       double noise_variance,
                       std::size_t adcs,
                       unsigned levels,
                       unsigned starts,
                       unsigned evaluations,
                       std::size_t search_cells,
                       std::uint64_t seed)
{
    const matrix h = to_matrix(channel, "rotation_search: channel");
    const rotation_settings settings{
        adcs, levels, starts, evaluations, search_cells, seed};
    py::gil_scoped_release others_may_run;
    return rotation_search(h, noise_variance, settings);
}

double
ber(const py::object& means, const std::vector<double>& deviations, const scalar_adc& adc)
{
    const matrix mu = to_matrix(means, "cell_ber: means");
    py::gil_scoped_release others_may_run;
    return cell_ber(mu, deviations, adc);
}

void register_functions(py::module& m)
{
    m.def(
        "class_means",
        [](const py::object& combiner, const py::object& channel) {
            return to_array(class_means(to_matrix(combiner, "class_means: combiner"),
                                        to_matrix(channel, "class_means: channel")));
        },
        py::arg("combiner"),
        py::arg("channel"),
        "mu = T H s of every class, float64 [2**k, p]; bit i of the class gives s_i = 1 "
        "- 2 "
        "b_i.");
    m.def(
        "noise_deviations",
        [](const py::object& combiner, double noise_variance) {
            return noise_deviations(to_matrix(combiner, "noise_deviations: combiner"),
                                    noise_variance);
        },
        py::arg("combiner"),
        py::arg("noise_variance"),
        "The noise deviation at each ADC; ValueError unless the rows are orthogonal.");
    m.def(
        "cell_log_likelihoods",
        [](const py::object& means,
           const std::vector<double>& deviations,
           const scalar_adc& adc) {
            const matrix mu = to_matrix(means, "cell_log_likelihoods: means");
            const auto rows = static_cast<py::ssize_t>(adc.total_levels());
            return to_array(cell_log_likelihoods(mu, deviations, adc),
                            {rows, static_cast<py::ssize_t>(mu.rows)});
        },
        py::arg("means"),
        py::arg("deviations"),
        py::arg("adc"),
        "log P(code | class) of Gaussian ADC inputs, float32 [codes of all ADCs, 2**k].");
    m.def("cell_ber",
          &ber,
          py::arg("means"),
          py::arg("deviations"),
          py::arg("adc"),
          "The exact bit error rate of MAP decisions on the cells; means [2**k, p], "
          "deviations [p].");
    m.def(
        "lookup_design",
        [](const py::object& combiner,
           const scalar_adc& adc,
           const py::object& channel,
           double noise_variance,
           bool complex_inputs) {
            return lookup_design(to_matrix(combiner, "lookup_design: combiner"),
                                 adc,
                                 to_matrix(channel, "lookup_design: channel"),
                                 noise_variance,
                                 complex_inputs);
        },
        py::arg("combiner"),
        py::arg("adc"),
        py::arg("channel"),
        py::arg("noise_variance"),
        py::arg("complex_inputs") = false,
        "A task_quantizer of the combiner T [p, n] (orthogonal rows), the ADCs, and "
        "exact "
        "MAP over their cells for x = H s + w, H [n, k].");
    m.def(
        "quantized_map",
        [](const py::object& channel,
           double noise_variance,
           unsigned levels,
           double support,
           bool complex_inputs) {
            return quantized_map(to_matrix(channel, "quantized_map: channel"),
                                 noise_variance,
                                 levels,
                                 support,
                                 complex_inputs);
        },
        py::arg("channel"),
        py::arg("noise_variance"),
        py::arg("levels"),
        py::arg("support") = 2.0,
        py::arg("complex_inputs") = false,
        "A task_quantizer without a combiner: a uniform ADC on [-support, support] at "
        "every "
        "antenna, exact MAP over their cells.");
}

void register_search(py::module& m)
{
    py::class_<rotation_design>(m, "rotation_design", "What rotation_search() found.")
        .def_property_readonly(
            "combiner",
            [](const rotation_design& d) { return to_array(d.combiner); },
            "T [p, n], orthonormal rows.")
        .def_readonly("support", &rotation_design::support)
        .def_readonly("adc", &rotation_design::adc, "Uniform on [-support, support].")
        .def_readonly("ber", &rotation_design::ber, "Exact.");
    const rotation_settings usual;
    m.def("rotation_search",
          &search,
          py::arg("channel"),
          py::arg("noise_variance"),
          py::arg("adcs") = usual.adcs,
          py::arg("levels") = usual.levels,
          py::arg("starts") = usual.starts,
          py::arg("evaluations") = usual.evaluations,
          py::arg("search_cells") = usual.search_cells,
          py::arg("seed") = usual.seed,
          "The combiner R U^T and the common ADC support of least exact bit error rate "
          "for x "
          "= H s + w, H [n, k].");
}

template <typename T>
carray<T> answer(const map_detector& detector,
                 const carray<float>& x,
                 std::size_t length,
                 void (map_detector::*method)(const float*, std::size_t, T*)
                     const noexcept)
{
    const std::size_t n = vectors_of(x, detector.inputs(), "map_detector");
    const float* in = x.data();
    return filled<T>(length ? with_length(x, length) : without_length(x),
                     [&](T* out) { (detector.*method)(in, n, out); });
}

void register_map_detector(py::module& m)
{
    using detector = map_detector;
    py::class_<detector>(
        m,
        "map_detector",
        "MAP detection of BPSK users in x = H s + w without quantization.")
        .def(py::init([](const py::object& channel, double noise_variance) {
                 return detector(to_matrix(channel, "map_detector: channel"),
                                 noise_variance);
             }),
             py::arg("channel"),
             py::arg("noise_variance"),
             "H [n, k], real ([Re; Im] of complex antennas); noise variance per real "
             "input.")
        .def_property_readonly("inputs", &detector::inputs)
        .def_property_readonly("outputs", &detector::outputs)
        .def(
            "classes",
            [](const detector& d, const carray<float>& x) {
                return answer<std::uint8_t>(d, x, 0, &detector::classes);
            },
            py::arg("x"),
            "float32 [..., n] to the most probable class [...].")
        .def(
            "decide",
            [](const detector& d, const carray<float>& x) {
                return answer<std::uint8_t>(d, x, d.outputs(), &detector::decide);
            },
            py::arg("x"),
            "Its bits [..., k], user 0 first.")
        .def(
            "posteriors",
            [](const detector& d, const carray<float>& x) {
                return answer<float>(d, x, d.classes(), &detector::posteriors);
            },
            py::arg("x"),
            "Probabilities [..., 2**k].")
        .def(
            "llrs",
            [](const detector& d, const carray<float>& x) {
                return answer<float>(d, x, d.outputs(), &detector::llrs);
            },
            py::arg("x"),
            "LLRs [..., k], positive = bit 1, clipped to +-64.")
        .def(
            "estimate",
            [](const detector& d, const carray<float>& x) {
                return answer<float>(d, x, d.outputs(), &detector::estimate);
            },
            py::arg("x"),
            "Posterior means of the symbols [..., k].");
}

} // namespace

void register_designs(py::module& m)
{
    register_functions(m);
    register_search(m);
    register_map_detector(m);
}

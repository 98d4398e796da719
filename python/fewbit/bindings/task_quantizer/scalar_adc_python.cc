/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../registrars.h"
#include "arrays.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/adc_impairments.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/scalar_adc.h>

using namespace gr::fewbit::algorithms;
using namespace task_quantizer_bindings;

namespace {

carray<std::uint8_t> quantize(const scalar_adc& adc, const carray<float>& z)
{
    const std::size_t n = vectors_of(z, adc.adcs(), "scalar_adc.quantize");
    const float* in = z.data();
    return filled<std::uint8_t>(with_length(z, adc.adcs()),
                                [&](std::uint8_t* codes) { adc.quantize(in, n, codes); });
}

carray<float> lookup(const scalar_adc& adc, const carray<std::uint8_t>& codes)
{
    const std::size_t n = vectors_of(codes, adc.adcs(), "scalar_adc.lookup");
    const std::uint8_t* in = codes.data();
    return filled<float>(with_length(codes, adc.adcs()),
                         [&](float* q) { adc.lookup(in, n, q); });
}

carray<float> apply(adc_impairments& faults, const carray<float>& z)
{
    const std::size_t n = vectors_of(z, faults.adcs(), "adc_impairments.apply");
    const float* in = z.data();
    return filled<float>(with_length(z, faults.adcs()),
                         [&](float* out) { faults.apply(in, n, out); });
}

adc_impairments make_impairments(std::size_t adcs,
                                 double offset_deviation,
                                 double gain_deviation,
                                 double jitter,
                                 double noise_deviation,
                                 std::uint64_t seed)
{
    return adc_impairments(
        adcs, {offset_deviation, gain_deviation, jitter, noise_deviation, seed});
}

void register_impairments(py::module& m)
{
    py::class_<adc_impairments>(
        m, "adc_impairments", "Faults of a bank of ADCs, applied to their inputs.")
        .def(py::init(&make_impairments),
             py::arg("adcs"),
             py::arg("offset_deviation") = 0.0,
             py::arg("gain_deviation") = 0.0,
             py::arg("jitter") = 0.0,
             py::arg("noise_deviation") = 0.0,
             py::arg("seed") = 1,
             "Deviations of each ADC's threshold offset and gain error (drawn once), of "
             "the sampling instant in vector periods, and of the noise.")
        .def_property_readonly("adcs", &adc_impairments::adcs)
        .def_property(
            "offsets",
            [](const adc_impairments& f) { return to_array(f.offsets()); },
            [](adc_impairments& f, const carray<float>& v) {
                f.set_offsets(to_vector(v));
            },
            "How much too high the thresholds of each ADC are [p].")
        .def_property(
            "gain_errors",
            [](const adc_impairments& f) { return to_array(f.gain_errors()); },
            [](adc_impairments& f, const carray<float>& v) {
                f.set_gain_errors(to_vector(v));
            },
            "e: each ADC's input is 1 + e times what it should be [p].")
        .def("set_jitter", &adc_impairments::set_jitter, py::arg("deviation"))
        .def("set_noise_deviation",
             &adc_impairments::set_noise_deviation,
             py::arg("deviation"))
        .def("apply",
             &apply,
             py::arg("z"),
             "What the ADCs see in place of z [..., p]; for one stream, in its order.");
}

} // namespace

void register_scalar_adc(py::module& m)
{
    py::class_<scalar_adc>(
        m, "scalar_adc", "A bank of scalar ADCs: code = number of thresholds <= z.")
        .def(
            py::init([](const std::vector<unsigned>& levels,
                        const carray<float>& thresholds,
                        const carray<float>& values) {
                return scalar_adc(levels, to_vector(thresholds), to_vector(values));
            }),
            py::arg("levels"),
            py::arg("thresholds"),
            py::arg("values") = carray<float>(0),
            "levels: M of each ADC, 2 to 256; thresholds: M - 1 of ADC 0, then of ADC 1, "
            "..., ascending within an ADC; values: M levels of each likewise, empty for "
            "the middles of the cells.")
        .def_static("uniform",
                    &scalar_adc::uniform,
                    py::arg("levels"),
                    py::arg("support"),
                    "Uniform ADCs on [-support, support].")
        .def_property_readonly("adcs", &scalar_adc::adcs)
        .def_property_readonly("levels", &scalar_adc::levels, "M of each ADC.")
        .def_property_readonly(
            "thresholds",
            [](const scalar_adc& adc) { return to_array(adc.thresholds()); })
        .def_property_readonly(
            "values",
            [](const scalar_adc& adc) { return to_array(adc.values()); },
            "The levels: one number for each code of each ADC.")
        .def("quantize",
             &quantize,
             py::arg("z"),
             "float32 [..., p] to uint8 codes [..., p]; NaN has code 0.")
        .def("lookup",
             &lookup,
             py::arg("codes"),
             "uint8 codes [..., p] to their levels [..., p].");
    register_impairments(m);
}

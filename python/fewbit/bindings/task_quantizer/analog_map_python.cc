/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../registrars.h"
#include "arrays.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/analog_map.h>
#include <utility>

using namespace gr::fewbit::algorithms;
using namespace task_quantizer_bindings;

namespace {

agc_mode agc_named(const std::string& name)
{
    if (name == "fixed")
        return agc_mode::fixed;
    if (name == "block")
        return agc_mode::block;
    throw std::invalid_argument("analog_map: agc is '" + name +
                                "', expected 'fixed' or 'block'");
}

using layer_arrays = std::vector<std::pair<carray<float>, carray<float>>>;

analog_map
make(const layer_arrays& layers, const carray<float>& gain, const std::string& agc)
{
    return analog_map(to_layers(layers), to_vector(gain), agc_named(agc));
}

// z and g; T is float, or complex<float> for vectors of half the length.
template <typename T>
std::pair<carray<float>, carray<float>>
combine_as(const analog_map& map, const carray<T>& x, std::size_t block_len)
{
    const bool complex = sizeof(T) > sizeof(float);
    if (complex && map.inputs() % 2)
        throw std::invalid_argument("analog_map: x is complex, but the map has " +
                                    std::to_string(map.inputs()) +
                                    " real inputs, an odd number");
    const std::size_t n = vectors_of(x, map.inputs() / (complex ? 2 : 1), "analog_map");
    carray<float> z(with_length(x, map.outputs()));
    carray<float> gains(without_length(x));
    const T* in = x.data();
    float *out = z.mutable_data(), *g = gains.mutable_data();
    {
        py::gil_scoped_release others_may_run;
        map.combine(in, n, out, g, block_len);
    }
    return {z, gains};
}

std::pair<carray<float>, carray<float>>
combine(const analog_map& map, const py::array& x, std::size_t block_len)
{
    if (x.dtype().kind() == 'c')
        return combine_as<std::complex<float>>(map, x, block_len);
    return combine_as<float>(map, x, block_len);
}

} // namespace

void register_analog_map(py::module& m)
{
    py::class_<analog_map>(
        m,
        "analog_map",
        "Antennas to ADC inputs: dense layers with ReLU between them, a "
        "gain for each ADC, and an AGC.")
        .def(
            py::init(&make),
            py::arg("layers"),
            py::arg("gain") = carray<float>(0),
            py::arg("agc") = "fixed",
            "layers: pairs (weight [out, in], bias [out]); gain [p], positive, empty for "
            "ones; agc is 'fixed' or 'block'.")
        .def_static("identity",
                    &analog_map::identity,
                    py::arg("n"),
                    "z = x: a receiver without a combiner.")
        .def_property_readonly("inputs", &analog_map::inputs)
        .def_property_readonly("outputs", &analog_map::outputs, "p, the ADCs.")
        .def_property_readonly(
            "layers",
            [](const analog_map& map) { return from_layers(map.layers()); },
            "Pairs (weight, bias).")
        .def_property_readonly("gain",
                               [](const analog_map& map) { return to_array(map.gain()); })
        .def_property_readonly("agc",
                               [](const analog_map& map) {
                                   return map.agc() == agc_mode::fixed ? "fixed"
                                                                       : "block";
                               })
        .def(
            "combine",
            [](const analog_map& map, const py::array& x, std::size_t block_len) {
                return combine(map, x, block_len).first;
            },
            py::arg("x"),
            py::arg("block_len") = 1,
            "float32 [..., n] or complex64 [..., n/2] (for [Re; Im]) to ADC inputs z "
            "[..., p]. "
            "A block AGC counts blocks of block_len vectors through the whole batch.")
        .def("combine_with_gains",
             &combine,
             py::arg("x"),
             py::arg("block_len") = 1,
             "The same as a pair (z [..., p], the AGC's gain g of each vector [...]).");
}

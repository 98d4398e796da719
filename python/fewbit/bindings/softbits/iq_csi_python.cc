/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"
#include <gnuradio/fewbit/algorithms/softbits/demapper_inverse.h>
#include <gnuradio/fewbit/algorithms/softbits/iq_csi_codec.h>
#include <pybind11/numpy.h>
#include <complex>
#include <stdexcept>
#include <vector>

using gr::fewbit::algorithms::demapper_inverse;
using gr::fewbit::algorithms::iq_csi_codec;
using gr::fewbit::algorithms::iq_csi_settings;
using gr::fewbit::algorithms::softbit_codec;

namespace {

using float_array = py::array_t<float, py::array::c_style | py::array::forcecast>;
using complex_array =
    py::array_t<std::complex<float>, py::array::c_style | py::array::forcecast>;

py::tuple invert(const demapper_inverse& inverse, const float_array& llrs)
{
    const std::size_t k = inverse.bits_per_symbol();
    if (llrs.ndim() < 1 || llrs.shape(llrs.ndim() - 1) % static_cast<py::ssize_t>(k) != 0)
        throw std::invalid_argument(
            "llrs: expected the shape [..., n], n a multiple of " + std::to_string(k));
    std::vector<py::ssize_t> shape(llrs.shape(), llrs.shape() + llrs.ndim());
    shape.back() /= static_cast<py::ssize_t>(k);
    complex_array symbols(shape);
    float_array gain_to_noise(shape);
    const float* in = llrs.data();
    auto* iq = reinterpret_cast<float*>(symbols.mutable_data());
    float* gain = gain_to_noise.mutable_data();
    const std::size_t n_symbols = static_cast<std::size_t>(llrs.size()) / k;
    {
        py::gil_scoped_release others_may_run;
        inverse.invert(in, n_symbols, iq, gain);
    }
    return py::make_tuple(symbols, gain_to_noise);
}

py::bytes encode_symbols(iq_csi_codec& codec,
                         const complex_array& symbols,
                         const float_array& gain_to_noise)
{
    if (symbols.ndim() != 1 || gain_to_noise.ndim() != 1 ||
        symbols.size() != gain_to_noise.size())
        throw std::invalid_argument(
            "symbols and gain_to_noise: expected two arrays of the shape [n]");
    const auto n_symbols = static_cast<std::size_t>(symbols.size());
    const std::size_t n_llrs = n_symbols * codec.llrs_per_symbol();
    codec.reserve(n_llrs);
    std::vector<std::uint8_t> body(codec.max_body_bytes(n_llrs));
    const std::size_t bytes = codec.encode_symbols(
        symbols.data(), gain_to_noise.data(), n_symbols, body.data());
    return py::bytes(reinterpret_cast<const char*>(body.data()), bytes);
}

} // namespace

void register_iq_csi(py::module& m)
{
    py::class_<demapper_inverse>(m,
                                 "demapper_inverse",
                                 "The exact soft demapper, backwards: I, Q and "
                                 "gain-to-noise ratio from the LLRs of a "
                                 "symbol (bits_per_symbol 4, 6 or 8).")
        .def(py::init<unsigned>(), py::arg("bits_per_symbol"))
        .def_property_readonly("bits_per_symbol", &demapper_inverse::bits_per_symbol)
        .def("invert",
             &invert,
             py::arg("llrs"),
             "Invert LLRs [..., n]: (equalised symbols complex64 [..., n / K], |h|^2 / "
             "E|n|^2 "
             "float32 [..., n / K]). The GIL is released.");

    py::class_<iq_csi_codec, softbit_codec>(
        m,
        "iq_csi_codec",
        "A symbol's LLRs as I and Q in noise deviations and the gain-to-noise ratio in "
        "dB.")
        .def(py::init([](unsigned bits_per_symbol,
                         double step,
                         double csi_step_db,
                         bool fixed_length) {
                 return std::make_unique<iq_csi_codec>(
                     iq_csi_settings{bits_per_symbol, step, csi_step_db, fixed_length});
             }),
             py::arg("bits_per_symbol") = 6,
             py::arg("step") = 0.5,
             py::arg("csi_step_db") = 1.5,
             py::arg("fixed_length") = false)
        .def("encode_symbols",
             &encode_symbols,
             py::arg("symbols"),
             py::arg("gain_to_noise"),
             "Encode equalised symbols complex64 [n] with their |h|^2 / E|n|^2 [n] into "
             "a body; "
             "decode() gives their n * K LLRs.");
}

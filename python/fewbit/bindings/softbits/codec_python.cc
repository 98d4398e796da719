/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"
#include <gnuradio/fewbit/algorithms/softbits/codec.h>
#include <pybind11/numpy.h>
#include <stdexcept>
#include <string_view>
#include <vector>

using gr::fewbit::algorithms::softbit_codec;

namespace {

using llr_array = py::array_t<float, py::array::c_style | py::array::forcecast>;

// encode() answers a wrong count with 0 bytes; in Python it is an exception that says
// why.
void check_count(const softbit_codec& codec, std::size_t n_llrs)
{
    if (n_llrs % codec.llrs_per_symbol() != 0)
        throw std::invalid_argument(codec.name() + ": found " + std::to_string(n_llrs) +
                                    " LLRs, expected a multiple of " +
                                    std::to_string(codec.llrs_per_symbol()));
}

void check_dimensions(const llr_array& llrs, int expected, const char* shape)
{
    if (llrs.ndim() != expected)
        throw std::invalid_argument("llrs has " + std::to_string(llrs.ndim()) +
                                    " dimensions, expected the shape " + shape);
}

py::bytes encode(softbit_codec& codec, const llr_array& llrs)
{
    check_dimensions(llrs, 1, "[n]");
    const std::size_t n = llrs.size();
    check_count(codec, n);
    codec.reserve(n);
    std::vector<std::uint8_t> body(codec.max_body_bytes(n));
    const std::size_t bytes = codec.encode(llrs.data(), n, body.data());
    return py::bytes(reinterpret_cast<const char*>(body.data()), bytes);
}

llr_array decode(softbit_codec& codec, const py::bytes& body, std::size_t n)
{
    check_count(codec, n);
    const auto bytes = static_cast<std::string_view>(body);
    llr_array llrs(n);
    codec.reserve(n);
    if (!codec.decode(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                      bytes.size(),
                      llrs.mutable_data(),
                      n))
        throw std::invalid_argument(
            codec.name() + ": a body of " + std::to_string(bytes.size()) +
            " bytes cannot be one of " + std::to_string(n) + " LLRs");
    return llrs;
}

py::tuple round_trip(softbit_codec& codec, const llr_array& llrs)
{
    check_dimensions(llrs, 2, "[packets, n]");
    const std::size_t packets = llrs.shape(0);
    const std::size_t n = llrs.shape(1);
    check_count(codec, n);
    llr_array decoded({packets, n});
    py::array_t<std::int32_t> body_bytes(packets);
    const float* in = llrs.data();
    float* out = decoded.mutable_data();
    std::int32_t* sizes = body_bytes.mutable_data();
    {
        py::gil_scoped_release others_may_run;
        codec.reserve(n);
        std::vector<std::uint8_t> body(codec.max_body_bytes(n));
        for (std::size_t p = 0; p < packets; p++) {
            const std::size_t bytes = codec.encode(in + p * n, n, body.data());
            codec.decode(body.data(), bytes, out + p * n, n);
            sizes[p] = static_cast<std::int32_t>(bytes);
        }
    }
    return py::make_tuple(decoded, body_bytes);
}

} // namespace

void register_codec(py::module& m)
{
    using namespace gr::fewbit::algorithms;
    py::class_<softbit_codec>(m,
                              "softbit_codec",
                              "Packs packets of LLRs (positive for bit 1, demapper "
                              "order) into few bytes and back; "
                              "made by make_softbit_codec(). An object serves one thread "
                              "at a time: clone() it.")
        .def_property_readonly("name", &softbit_codec::name)
        .def_property_readonly("id", &softbit_codec::id)
        .def_property_readonly("llrs_per_symbol", &softbit_codec::llrs_per_symbol)
        .def("max_body_bytes", &softbit_codec::max_body_bytes, py::arg("n_llrs"))
        .def("clone", &softbit_codec::clone)
        .def("encode",
             &encode,
             py::arg("llrs"),
             "Encode LLRs [n] into the bytes of a body. NaN counts as 0.")
        .def("decode",
             &decode,
             py::arg("body"),
             py::arg("n_llrs"),
             "Decode a body into float32 LLRs [n_llrs]; ValueError where it cannot be "
             "one.")
        .def("round_trip",
             &round_trip,
             py::arg("llrs"),
             "Encode and decode every row of llrs [packets, n]: (LLRs [packets, n], body "
             "bytes "
             "int32 [packets]). The GIL is released.");
    m.def("make_softbit_codec",
          &make_softbit_codec,
          py::arg("specification"),
          "Make a codec from a text such as 'float', 'uniform:bits=4,clip=8' or "
          "'learned:FILE'; ValueError in one sentence where it cannot be read.");
}

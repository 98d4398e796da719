/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"
#include <gnuradio/fewbit/algorithms/softbits/learned_codec.h>
#include <pybind11/numpy.h>
#include <stdexcept>

using gr::fewbit::algorithms::learned_codec;

namespace {

template <typename T>
using array = py::array_t<T, py::array::c_style | py::array::forcecast>;
constexpr std::size_t n_latents = learned_codec::latents_per_symbol;

// The packets of an array [packets, n], n a multiple of the LLRs of a symbol.
std::size_t symbols_of(const learned_codec& codec, const array<float>& llrs)
{
    if (llrs.ndim() != 2 || llrs.shape(1) % codec.llrs_per_symbol() != 0)
        throw std::invalid_argument(
            codec.name() +
            ": llrs must have the shape [packets, n] with n a multiple of " +
            std::to_string(codec.llrs_per_symbol()));
    return llrs.shape(1) / codec.llrs_per_symbol();
}

// f of every packet of LLRs, into [packets, symbols, 3].
template <typename T, class F>
array<T> of_every_packet(learned_codec& codec, const array<float>& llrs, F f)
{
    const std::size_t symbols = symbols_of(codec, llrs);
    const std::size_t packets = llrs.shape(0);
    const std::size_t n = llrs.shape(1);
    array<T> result({packets, symbols, n_latents});
    const float* in = llrs.data();
    T* out = result.mutable_data();
    py::gil_scoped_release others_may_run;
    codec.reserve(n);
    for (std::size_t p = 0; p < packets; p++)
        f(in + p * n, n, out + p * symbols * n_latents);
    return result;
}

array<float> latents(learned_codec& codec, const array<float>& llrs)
{
    return of_every_packet<float>(
        codec, llrs, [&codec](const float* in, std::size_t n, float* out) {
            codec.latents(in, n, out);
        });
}

array<std::uint8_t> indices(learned_codec& codec, const array<float>& llrs)
{
    return of_every_packet<std::uint8_t>(
        codec, llrs, [&codec](const float* in, std::size_t n, std::uint8_t* out) {
            codec.indices(in, n, out);
        });
}

array<float> decode_indices(learned_codec& codec, const array<std::uint8_t>& indices)
{
    if (indices.ndim() != 3 || indices.shape(2) != n_latents)
        throw std::invalid_argument(
            codec.name() + ": indices must have the shape [packets, symbols, 3]");
    const std::size_t packets = indices.shape(0);
    const std::size_t symbols = indices.shape(1);
    const std::size_t n = symbols * codec.llrs_per_symbol();
    array<float> llrs({packets, n});
    const std::uint8_t* in = indices.data();
    float* out = llrs.mutable_data();
    py::gil_scoped_release others_may_run;
    codec.reserve(n);
    for (std::size_t p = 0; p < packets; p++)
        if (!codec.decode_indices(in + p * symbols * n_latents, out + p * n, n))
            throw std::invalid_argument(codec.name() + ": an index is not below " +
                                        std::to_string(codec.levels()));
    return llrs;
}

} // namespace

void register_learned_codec(py::module& m)
{
    using gr::fewbit::algorithms::softbit_codec;
    py::class_<learned_codec, softbit_codec>(
        m,
        "learned_codec",
        "The network of a softbit_codec bundle: K LLRs of a subcarrier become three "
        "coded "
        "latents. make_softbit_codec('learned:FILE') gives one too.")
        .def(py::init<const std::string&>(), py::arg("file"))
        .def_property_readonly("levels", &learned_codec::levels)
        .def_property_readonly("contexts", &learned_codec::contexts)
        .def_property_readonly("llr_clip", &learned_codec::llr_clip)
        .def("latents",
             &latents,
             py::arg("llrs"),
             "The latents before quantization, float32 [packets, symbols, 3], of llrs "
             "[packets, n].")
        .def("indices",
             &indices,
             py::arg("llrs"),
             "The indices that are coded, uint8 [packets, symbols, 3], of llrs [packets, "
             "n].")
        .def("decode_indices",
             &decode_indices,
             py::arg("indices"),
             "The LLRs, float32 [packets, n], of indices [packets, symbols, 3].");
}

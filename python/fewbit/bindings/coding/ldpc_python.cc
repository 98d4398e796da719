/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../registrars.h"
#include "batches.h"
#include <gnuradio/fewbit/algorithms/coding/ldpc_code.h>
#include <gnuradio/fewbit/algorithms/coding/ldpc_decoder.h>
#include <gnuradio/fewbit/algorithms/coding/ldpc_encoder.h>
#include <pybind11/stl.h>
#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

using namespace gr::fewbit::algorithms;

namespace {

// A code, or the name of a built-in one.
using code_or_name = std::variant<std::string, ldpc_code>;

ldpc_code resolve(const code_or_name& code)
{
    if (const auto* one = std::get_if<ldpc_code>(&code))
        return *one;
    return ldpc_code::from_name(std::get<std::string>(code));
}

ldpc_code code_from_matrix(std::size_t lifting,
                           const words_array<int>& shifts,
                           const std::string& name)
{
    if (shifts.ndim() != 2)
        throw std::invalid_argument("ldpc_code: shifts has " +
                                    std::to_string(shifts.ndim()) +
                                    " dimensions, expected 2");
    return ldpc_code(lifting,
                     static_cast<std::size_t>(shifts.shape(0)),
                     static_cast<std::size_t>(shifts.shape(1)),
                     std::vector<int>(shifts.data(), shifts.data() + shifts.size()),
                     name);
}

py::array_t<std::int32_t> shifts_of(const ldpc_code& code)
{
    py::array_t<std::int32_t> shifts({code.base_rows(), code.base_columns()});
    std::fill_n(shifts.mutable_data(), shifts.size(), -1);
    for (std::size_t r = 0; r < code.base_rows(); ++r)
        for (const auto& edge : code.row(r))
            shifts.mutable_at(r, edge.column) = static_cast<std::int32_t>(edge.shift);
    return shifts;
}

py::array_t<bool> are_codewords(const ldpc_code& code,
                                const words_array<std::uint8_t>& words)
{
    const std::size_t n = code.codeword_bits();
    const std::size_t count = word_count(words, n, "ldpc_code.is_codeword");
    py::array_t<bool> answer(leading_shape(words));
    for (std::size_t i = 0; i < count; ++i)
        answer.mutable_data()[i] = code.is_codeword(words.data() + i * n);
    return answer;
}

py::array_t<std::uint8_t> encode(const ldpc_encoder& encoder,
                                 const words_array<std::uint8_t>& words)
{
    const std::size_t k = encoder.code().information_bits();
    const std::size_t n = encoder.code().codeword_bits();
    const std::size_t count = word_count(words, k, "ldpc_encoder.encode");
    py::array_t<std::uint8_t> codewords(with_length(words, n));
    const std::uint8_t* from = words.data();
    std::uint8_t* to = codewords.mutable_data();
    py::gil_scoped_release unlocked;
    for (std::size_t i = 0; i < count; ++i)
        encoder.encode(from + i * k, to + i * n);
    return codewords;
}

py::tuple decode(ldpc_decoder& decoder, const words_array<float>& llrs)
{
    const std::size_t k = decoder.code().information_bits();
    const std::size_t n = decoder.code().codeword_bits();
    const std::size_t count = word_count(llrs, n, "ldpc_decoder.decode");
    const auto shape = leading_shape(llrs);
    py::array_t<std::uint8_t> words(with_length(llrs, k));
    py::array_t<std::int32_t> iterations(shape);
    py::array_t<bool> converged(shape);
    const float* from = llrs.data();
    std::uint8_t* bits = words.mutable_data();
    std::int32_t* spent = iterations.mutable_data();
    bool* done = converged.mutable_data();
    {
        py::gil_scoped_release unlocked;
        for (std::size_t i = 0; i < count; ++i) {
            const ldpc_result result = decoder.decode(from + i * n, bits + i * k);
            spent[i] = static_cast<std::int32_t>(result.iterations);
            done[i] = result.converged;
        }
    }
    return py::make_tuple(words, iterations, converged);
}

void register_code(py::module& m)
{
    py::class_<ldpc_code>(
        m, "ldpc_code", "A quasi-cyclic LDPC code, built in or from a base matrix.")
        .def(py::init(&ldpc_code::from_name),
             py::arg("name") = "802.11n-648-1/2",
             "A built-in code, one of ldpc_code.names().")
        .def(py::init(&code_from_matrix),
             py::arg("lifting"),
             py::arg("shifts"),
             py::arg("name") = "custom",
             "A code from its base matrix [rows, columns]: -1 is the zero block, s the "
             "identity "
             "of side `lifting` with its columns rotated right by s.")
        .def_static("names", &ldpc_code::names, "Names of the built-in codes.")
        .def_property_readonly("name", &ldpc_code::name)
        .def_property_readonly("lifting", &ldpc_code::lifting)
        .def_property_readonly("codeword_bits", &ldpc_code::codeword_bits)
        .def_property_readonly("information_bits", &ldpc_code::information_bits)
        .def_property_readonly(
            "shifts", &shifts_of, "The base matrix, int32 [rows, columns].")
        .def("is_codeword",
             &are_codewords,
             py::arg("bits"),
             "Whether each word of uint8 bits [..., n] satisfies every check: bool "
             "[...].");
}

} // namespace

void register_ldpc(py::module& m)
{
    register_code(m);

    py::class_<ldpc_encoder>(m, "ldpc_encoder", "Systematic encoder of an LDPC code.")
        .def(py::init(
                 [](const code_or_name& code) { return ldpc_encoder(resolve(code)); }),
             py::arg("code") = "802.11n-648-1/2",
             "code: an ldpc_code or the name of a built-in one.")
        .def_property_readonly("code", &ldpc_encoder::code)
        .def("encode",
             &encode,
             py::arg("bits"),
             "Encode uint8 bits [..., k] into codewords uint8 [..., n], information "
             "first.");

    py::class_<ldpc_decoder>(
        m,
        "ldpc_decoder",
        "Iterative LDPC decoder: layered int8 'min-sum' for speed, float "
        "flooding 'sum-product' as the reference.")
        .def(py::init([](const code_or_name& code,
                         const std::string& algorithm,
                         std::size_t max_iterations) {
                 return std::make_unique<ldpc_decoder>(
                     resolve(code), ldpc_algorithm_from_name(algorithm), max_iterations);
             }),
             py::arg("code") = "802.11n-648-1/2",
             py::arg("algorithm") = "min-sum",
             py::arg("max_iterations") = 50,
             "code: an ldpc_code or the name of a built-in one.")
        .def_property_readonly("code", &ldpc_decoder::code)
        .def_property("max_iterations",
                      &ldpc_decoder::max_iterations,
                      &ldpc_decoder::set_max_iterations)
        .def(
            "decode",
            &decode,
            py::arg("llrs"),
            "Decode float LLRs [..., n], positive = bit 1. Returns (bits uint8 [..., k], "
            "iterations int32 [...], converged bool [...]). Not for two threads at a "
            "time.");
}

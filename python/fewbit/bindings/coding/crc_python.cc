/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../registrars.h"
#include "batches.h"
#include <gnuradio/fewbit/algorithms/coding/crc.h>
#include <pybind11/stl.h>

using gr::fewbit::algorithms::crc;

namespace {

py::array_t<std::uint32_t> compute(const crc& self,
                                   const words_array<std::uint8_t>& words)
{
    const std::size_t n = word_length(words, "crc.compute");
    py::array_t<std::uint32_t> parities(leading_shape(words));
    const std::uint8_t* from = words.data();
    std::uint32_t* to = parities.mutable_data();
    const auto count = static_cast<std::size_t>(parities.size());
    py::gil_scoped_release unlocked;
    for (std::size_t i = 0; i < count; ++i)
        to[i] = self.compute(from + i * n, n);
    return parities;
}

py::array_t<std::uint8_t> append(const crc& self, const words_array<std::uint8_t>& words)
{
    const std::size_t n = word_length(words, "crc.append"), longer = n + self.width();
    py::array_t<std::uint8_t> checked(with_length(words, longer));
    const std::uint8_t* from = words.data();
    std::uint8_t* to = checked.mutable_data();
    const auto count = static_cast<std::size_t>(checked.size()) / longer;
    py::gil_scoped_release unlocked;
    for (std::size_t i = 0; i < count; ++i)
        self.append(from + i * n, n, to + i * longer);
    return checked;
}

py::array_t<bool> check(const crc& self, const words_array<std::uint8_t>& words)
{
    const std::size_t n = word_length(words, "crc.check");
    py::array_t<bool> right(leading_shape(words));
    const std::uint8_t* from = words.data();
    bool* to = right.mutable_data();
    const auto count = static_cast<std::size_t>(right.size());
    py::gil_scoped_release unlocked;
    for (std::size_t i = 0; i < count; ++i)
        to[i] = self.check(from + i * n, n);
    return right;
}

} // namespace

void register_crc(py::module& m)
{
    py::class_<crc>(m, "crc", "CRC of unpacked bits, as 3GPP TS 38.212, section 5.1.")
        .def(py::init<const std::string&>(),
             py::arg("name") = "CRC-24A",
             "One of crc.names(): CRC-24A, CRC-24B, CRC-24C, CRC-16, CRC-11, CRC-6.")
        .def_static("names", &crc::names)
        .def_property_readonly("name", &crc::name)
        .def_property_readonly("width", &crc::width, "Number of parity bits.")
        .def("compute",
             &compute,
             py::arg("bits"),
             "Parity of each word of uint8 bits [..., n] as a number: uint32 [...].")
        .def("append",
             &append,
             py::arg("bits"),
             "uint8 bits [..., n] with their parity bits behind: [..., n + width].")
        .def("check",
             &check,
             py::arg("bits"),
             "Whether the last bits of each word [..., n + width] are its CRC: bool "
             "[...].");
}

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../registrars.h"
#include "arrays.h"
#include <gnuradio/fewbit/algorithms/link/qam_mapper.h>

using gr::fewbit::algorithms::qam_mapper;

namespace {

complex_array map(const qam_mapper& mapper, const carray<std::uint8_t>& bits)
{
    const std::size_t k = mapper.bits_per_symbol();
    const auto n_bits =
        bits.ndim() ? static_cast<std::size_t>(bits.shape(bits.ndim() - 1)) : 0;
    if (n_bits % k != 0)
        throw std::invalid_argument("qam_mapper.map: the last dimension is " +
                                    std::to_string(n_bits) + ", expected a multiple of " +
                                    std::to_string(k));
    complex_array symbols(with_last(bits, n_bits / k, "qam_mapper.map"));
    const auto* in = bits.data();
    auto* out = symbols.mutable_data();
    const auto n = static_cast<std::size_t>(symbols.size());
    {
        py::gil_scoped_release release;
        mapper.map(in, n, out);
    }
    return symbols;
}

} // namespace

void register_qam_mapper(py::module& m)
{
    py::class_<qam_mapper>(
        m,
        "qam_mapper",
        "Bits to square Gray QAM of unit mean energy (3GPP TS 38.211, 5.1).")
        .def(py::init<unsigned>(),
             py::arg("bits_per_symbol"),
             "bits_per_symbol is 2, 4, 6 or 8.")
        .def_property_readonly("bits_per_symbol", &qam_mapper::bits_per_symbol)
        .def_property_readonly(
            "levels",
            [](const qam_mapper& q) {
                return carray<float>(static_cast<py::ssize_t>(q.levels().size()),
                                     q.levels().data());
            },
            "Amplitudes of one axis, by its bits read as a number, first bit highest.")
        .def_property_readonly(
            "points",
            [](const qam_mapper& q) {
                return complex_array(static_cast<py::ssize_t>(q.points().size()),
                                     q.points().data());
            },
            "All points, by their bits read as a number, first bit highest.")
        .def("map",
             &map,
             py::arg("bits"),
             "uint8 bits [..., n * bits_per_symbol] to complex64 symbols [..., n].");
}

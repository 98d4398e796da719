/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../registrars.h"
#include "batches.h"
#include <gnuradio/fewbit/algorithms/coding/interleaver.h>

using gr::fewbit::algorithms::interleaver;

namespace {

template <typename T>
py::array_t<T> move(const interleaver& self,
                    void (interleaver::*way)(const T*, T*, unsigned) const noexcept,
                    const words_array<T>& words,
                    unsigned rv,
                    const char* who)
{
    const std::size_t n = self.size();
    const std::size_t count = word_count(words, n, who);
    py::array_t<T> moved(with_length(words, n));
    const T* from = words.data();
    T* to = moved.mutable_data();
    py::gil_scoped_release unlocked;
    for (std::size_t i = 0; i < count; ++i)
        (self.*way)(from + i * n, to + i * n, rv);
    return moved;
}

template <typename T>
py::array_t<T>
interleave(const interleaver& self, const words_array<T>& words, unsigned rv)
{
    return move<T>(self, &interleaver::interleave, words, rv, "interleaver.interleave");
}

template <typename T>
py::array_t<T>
deinterleave(const interleaver& self, const words_array<T>& words, unsigned rv)
{
    return move<T>(
        self, &interleaver::deinterleave, words, rv, "interleaver.deinterleave");
}

} // namespace

void register_interleaver(py::module& m)
{
    // An exact uint8 array keeps its type; everything else is taken as float32.
    const char* interleave_doc = "Codeword order to transmitted order, uint8 or float32 "
                                 "[..., n], redundancy version rv.";
    const char* deinterleave_doc =
        "Transmitted order back to codeword order, uint8 or float32 [..., n].";
    py::class_<interleaver>(
        m,
        "interleaver",
        "Random interleaver with redundancy versions, alike on every machine.")
        .def(py::init<std::size_t, std::uint64_t>(), py::arg("n"), py::arg("seed") = 1)
        .def_property_readonly("size", &interleaver::size)
        .def_property_readonly(
            "permutation",
            [](const interleaver& self) {
                return py::array_t<std::uint32_t>(self.size(), self.permutation().data());
            },
            "permutation[i] is the codeword bit that transmitted bit i carries in "
            "version 0.")
        .def("interleave",
             &interleave<std::uint8_t>,
             py::arg("bits").noconvert(),
             py::arg("rv") = 0,
             interleave_doc)
        .def("interleave",
             &interleave<float>,
             py::arg("llrs"),
             py::arg("rv") = 0,
             interleave_doc)
        .def("deinterleave",
             &deinterleave<std::uint8_t>,
             py::arg("bits").noconvert(),
             py::arg("rv") = 0,
             deinterleave_doc)
        .def("deinterleave",
             &deinterleave<float>,
             py::arg("llrs"),
             py::arg("rv") = 0,
             deinterleave_doc);
}

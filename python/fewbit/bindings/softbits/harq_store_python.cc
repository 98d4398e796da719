/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"
#include <gnuradio/fewbit/algorithms/softbits/harq_store.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>
#include <stdexcept>

using namespace gr::fewbit::algorithms;

namespace {

using floats = py::array_t<float, py::array::c_style | py::array::forcecast>;

const float* vector_of(const floats& values, const char* name)
{
    if (values.ndim() != 1)
        throw std::invalid_argument(std::string("harq_store: ") + name + " has " +
                                    std::to_string(values.ndim()) +
                                    " dimensions; expected one transmission's LLRs");
    return values.data();
}

py::tuple combine(harq_store& store, const harq_transmission& tx, const floats& llrs)
{
    const float* in = vector_of(llrs, "llrs");
    floats out(static_cast<py::ssize_t>(store.n_llrs()));
    const auto answer = store.combine(tx, in, llrs.size(), out.mutable_data());
    return py::make_tuple(answer, answer.usable() ? py::object(out) : py::none());
}

std::string keep(harq_store& store,
                 const harq_transmission& tx,
                 const floats& llrs,
                 const floats& combined,
                 const harq_combination& combination)
{
    const float* in = vector_of(llrs, "llrs");
    const float* sum = vector_of(combined, "combined");
    if (static_cast<std::size_t>(combined.size()) != store.n_llrs())
        throw std::invalid_argument("harq_store: combined has " +
                                    std::to_string(combined.size()) + " LLRs; expected " +
                                    std::to_string(store.n_llrs()));
    return outcome_name(store.keep(tx, in, llrs.size(), sum, combination));
}

void register_types(py::module& m)
{
    py::class_<harq_transmission>(
        m, "harq_transmission", "Which transmission of which block.")
        .def(py::init([](std::uint32_t user,
                         std::uint32_t process,
                         unsigned ndi,
                         unsigned rv,
                         unsigned attempt) {
                 if (ndi > 255 || rv > 255 || attempt > 255)
                     throw std::invalid_argument("harq_transmission: ndi, rv and attempt "
                                                 "are bytes; expected 0 to 255");
                 return harq_transmission{user,
                                          process,
                                          static_cast<std::uint8_t>(ndi),
                                          static_cast<std::uint8_t>(rv),
                                          static_cast<std::uint8_t>(attempt)};
             }),
             py::arg("user") = 0,
             py::arg("process") = 0,
             py::arg("ndi") = 0,
             py::arg("rv") = 0,
             py::arg("attempt") = 0)
        .def_readwrite("user", &harq_transmission::user)
        .def_readwrite("process", &harq_transmission::process)
        .def_readwrite("ndi", &harq_transmission::ndi)
        .def_readwrite("rv", &harq_transmission::rv)
        .def_readwrite("attempt", &harq_transmission::attempt);
    py::class_<harq_combination>(m, "harq_combination", "The answer to combine().")
        .def_property_readonly(
            "outcome",
            [](const harq_combination& c) { return outcome_name(c.outcome); },
            "The outcome's name, such as 'combined'.")
        .def_readonly("attempts",
                      &harq_combination::attempts,
                      "The attempts in the sum, bit a for attempt a; 0: no LLRs.")
        .def_readonly("newest_ndi", &harq_combination::newest_ndi)
        .def_property_readonly("usable", &harq_combination::usable);
}

std::unique_ptr<harq_store> make_store(std::uint32_t users,
                                       std::uint32_t processes,
                                       std::size_t n_llrs,
                                       const std::string& codec,
                                       std::size_t budget_bytes,
                                       const std::string& storage,
                                       std::uint64_t interleaver_seed,
                                       unsigned max_transmissions)
{
    return std::make_unique<harq_store>(users,
                                        processes,
                                        n_llrs,
                                        make_softbit_codec(codec),
                                        budget_bytes,
                                        harq_storage_mode(storage),
                                        interleaver_seed,
                                        max_transmissions);
}

} // namespace

void register_harq_store(py::module& m)
{
    register_types(m);
    py::class_<harq_store>(
        m, "harq_store", "The receiver's memory of a HARQ link; see the C++ header.")
        .def(py::init(&make_store),
             py::arg("users"),
             py::arg("processes"),
             py::arg("n_llrs"),
             py::arg("codec"),
             py::arg("budget_bytes"),
             py::arg("storage") = "per_transmission",
             py::arg("interleaver_seed") = 1,
             py::arg("max_transmissions") = 4)
        .def("combine",
             &combine,
             py::arg("tx"),
             py::arg("llrs"),
             "Add a transmission's LLRs (float32, demapper order) to what is stored of "
             "its "
             "block. Returns (answer, LLRs in codeword order, or None where there are "
             "none).")
        .def("keep",
             &keep,
             py::arg("tx"),
             py::arg("llrs"),
             py::arg("combined"),
             py::arg("combination"),
             "Store a transmission that did not decode; returns the outcome's name.")
        .def(
            "release",
            [](harq_store& s, const harq_transmission& tx) {
                return outcome_name(s.release(tx));
            },
            py::arg("tx"),
            "Free and acknowledge a block whose CRC passed; returns the outcome's name.")
        .def("holds", &harq_store::holds, py::arg("tx"))
        .def("stored_attempts", &harq_store::stored_attempts, py::arg("tx"))
        .def("forget", &harq_store::forget, py::arg("user"))
        .def("clear", &harq_store::clear)
        .def(
            "set_codec",
            [](harq_store& s, const std::string& codec) {
                s.set_codec(make_softbit_codec(codec));
            },
            py::arg("codec"),
            "Store with another codec from now on; what is stored decodes with its own.")
        .def_property_readonly("codec",
                               [](const harq_store& s) { return s.codec().name(); })
        .def(
            "counters",
            [](const harq_store& s) { return by_name(s.counters()); },
            "Every outcome's count, by 'call.outcome'.")
        .def_property_readonly("users", &harq_store::users)
        .def_property_readonly("processes", &harq_store::processes)
        .def_property_readonly("n_llrs", &harq_store::n_llrs)
        .def_property_readonly("budget_bytes", &harq_store::budget_bytes)
        .def_property_readonly("bytes_in_use", &harq_store::bytes_in_use)
        .def_property_readonly("peak_bytes", &harq_store::peak_bytes)
        .def_property_readonly("bodies", &harq_store::bodies)
        .def_property_readonly("body_bytes", &harq_store::body_bytes)
        .def_property_readonly("table_bytes", &harq_store::table_bytes)
        .def_property_readonly_static(
            "record_overhead", [](py::object) { return harq_store::record_overhead(); });
}

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../registrars.h"
#include "arrays.h"
#include <gnuradio/fewbit/algorithms/link/soft_demapper.h>
#include <utility>

using gr::fewbit::algorithms::demap_method;
using gr::fewbit::algorithms::soft_demapper;

namespace {

demap_method method_named(const std::string& name)
{
    if (name == "exact")
        return demap_method::exact;
    if (name == "max_log")
        return demap_method::max_log;
    throw std::invalid_argument("soft_demapper: method is '" + name +
                                "', expected 'exact' or 'max_log'");
}

// LLRs, and the number of symbols that were erased for not being finite.
std::pair<carray<float>, std::size_t> demap_counted(const soft_demapper& demapper,
                                                    const complex_array& y,
                                                    const complex_array& h,
                                                    const carray<float>& noise_variance)
{
    if (shape_of(y) != shape_of(h))
        throw std::invalid_argument("soft_demapper: y and h have different shapes, "
                                    "expected a gain for every symbol");
    const bool one_noise = noise_variance.size() == 1;
    if (!one_noise && shape_of(noise_variance) != shape_of(y))
        throw std::invalid_argument(
            "soft_demapper: noise_variance has neither one value nor "
            "the shape of y");
    const auto last = y.ndim() ? static_cast<std::size_t>(y.shape(y.ndim() - 1)) : 0;
    carray<float> llrs(with_last(y, last * demapper.bits_per_symbol(), "soft_demapper"));
    const auto n = static_cast<std::size_t>(y.size());
    const auto *in = y.data(), *gains = h.data();
    const float* noise = noise_variance.data();
    float* out = llrs.mutable_data();
    std::size_t erased;
    {
        py::gil_scoped_release release;
        erased = one_noise ? demapper.demap(in, gains, *noise, n, out)
                           : demapper.demap(in, gains, noise, n, out);
    }
    return {llrs, erased};
}

} // namespace

void register_soft_demapper(py::module& m)
{
    py::class_<soft_demapper>(m,
                              "soft_demapper",
                              "LLRs (positive = bit 1) of Gray QAM symbols y = h s + n, "
                              "per-symbol gain and noise.")
        .def(py::init([](unsigned bits_per_symbol, const std::string& method) {
                 return soft_demapper(bits_per_symbol, method_named(method));
             }),
             py::arg("bits_per_symbol"),
             py::arg("method") = "exact",
             "bits_per_symbol is 2, 4, 6 or 8; method is 'exact' or 'max_log'.")
        .def_property_readonly("bits_per_symbol", &soft_demapper::bits_per_symbol)
        .def_property_readonly("method",
                               [](const soft_demapper& d) {
                                   return d.method() == demap_method::exact ? "exact"
                                                                            : "max_log";
                               })
        .def_property_readonly_static(
            "llr_limit",
            [](const py::object&) { return soft_demapper::llr_limit; },
            "LLRs are clipped to +- this.")
        .def(
            "demap",
            [](const soft_demapper& d,
               const complex_array& y,
               const complex_array& h,
               const carray<float>& noise_variance) {
                return demap_counted(d, y, h, noise_variance).first;
            },
            py::arg("y"),
            py::arg("h"),
            py::arg("noise_variance"),
            "complex64 y and h [..., n], E|n|^2 (one number, or of the shape of y) to "
            "float32 "
            "LLRs [..., n * bits_per_symbol]. Symbols that are not finite get LLRs of 0.")
        .def("demap_counted",
             &demap_counted,
             py::arg("y"),
             py::arg("h"),
             py::arg("noise_variance"),
             "The same as a pair (LLRs, number of symbols erased for not being finite).");
}

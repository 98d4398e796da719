/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../registrars.h"
#include "arrays.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/affine_refit.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/gaussian_refit.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/level_refit.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/logistic_refit.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/lookup_refit.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/pilot_estimate.h>

using namespace gr::fewbit::algorithms;
using namespace task_quantizer_bindings;

namespace {

void check_count(const std::string& what, py::ssize_t found, std::size_t expected)
{
    if (static_cast<std::size_t>(found) != expected)
        throw std::invalid_argument(what + ": got " + std::to_string(found) +
                                    " values, expected " + std::to_string(expected));
}

void register_status(py::module& m)
{
    py::enum_<refit_status>(m, "refit_status", "How a fit to pilots came out.")
        .value("ok", refit_status::ok)
        .value("too_few_pilots", refit_status::too_few_pilots)
        .value("singular", refit_status::singular)
        .value("not_finite", refit_status::not_finite)
        .value("another_map", refit_status::another_map)
        .def("describe", &describe, "In words.");
}

// What both fits of an affine map share.
template <class Fit>
void add_affine_methods(py::class_<Fit>& c)
{
    c.def(
         "add",
         [](Fit& fit,
            const carray<std::uint8_t>& codes,
            const carray<float>& s,
            const carray<float>& gains) {
             const std::size_t n = vectors_of(codes, fit.adcs(), "add");
             check_count("add: s", s.size(), n * fit.outputs());
             if (gains.size())
                 check_count("add: gains", gains.size(), n);
             const float* g = gains.size() ? gains.data() : nullptr;
             const auto* from = codes.data();
             const float* target = s.data();
             py::gil_scoped_release others_may_run;
             return fit.add(from, g, target, n);
         },
         py::arg("codes"),
         py::arg("s"),
         py::arg("gains") = carray<float>(0),
         "Take in pilots: codes [n, p], what should have come out [n, k], the AGC's "
         "gains "
         "[n]; returns how many were used.")
        .def("solve",
             &Fit::solve,
             py::arg("map"),
             "Fit, and put the result in place in map; a refit_status.",
             py::call_guard<py::gil_scoped_release>())
        .def("reset", &Fit::reset, "Forget all pilots.")
        .def_property_readonly("features", &Fit::features)
        .def_property_readonly("pilots", &Fit::pilots, "Used since reset().");
}

void register_affine(py::module& m)
{
    const affine_refit_settings usual;
    py::class_<affine_refit> weights(
        m, "affine_refit", "Fits an affine digital map to pilots while running.");
    weights
        .def(py::init([](const digital_map& start,
                         double forgetting,
                         double ridge,
                         std::size_t least_pilots) {
                 return affine_refit(start, {forgetting, ridge, least_pilots});
             }),
             py::arg("start"),
             py::arg("forgetting") = usual.forgetting,
             py::arg("ridge") = usual.ridge,
             py::arg("least_pilots") = usual.least_pilots,
             "start is the map to begin from; forgetting in (0, 1]; ridge pulls towards "
             "start, in pilots per feature; solve() refuses fewer than least_pilots, 0: "
             "as many as "
             "features.")
        .def_property_readonly("effective_pilots", &affine_refit::effective_pilots);
    add_affine_methods(weights);

    const level_refit_settings also;
    py::class_<level_refit> levels(m,
                                   "level_refit",
                                   "affine_refit, and the level of each code as well, "
                                   "for thresholds that have moved "
                                   "each on its own.");
    levels.def(
        py::init([](const digital_map& start,
                    double forgetting,
                    double ridge,
                    std::size_t least_pilots,
                    double level_prior) {
            return level_refit(start, {{forgetting, ridge, least_pilots}, level_prior});
        }),
        py::arg("start"),
        py::arg("forgetting") = also.forgetting,
        py::arg("ridge") = also.ridge,
        py::arg("least_pilots") = also.least_pilots,
        py::arg("level_prior") = also.level_prior,
        "As affine_refit; level_prior: pilots of each code that its old level counts "
        "for.");
    add_affine_methods(levels);
}

// What all fits of a lookup share.
template <class Fit>
void add_lookup_methods(py::class_<Fit>& c)
{
    c.def(
         "add",
         [](Fit& fit,
            const carray<std::uint8_t>& codes,
            const carray<std::uint8_t>& classes) {
             const std::size_t n = vectors_of(codes, fit.adcs(), "add");
             check_count("add: classes", classes.size(), n);
             const auto *from = codes.data(), *sent = classes.data();
             py::gil_scoped_release others_may_run;
             return fit.add(from, sent, n);
         },
         py::arg("codes"),
         py::arg("classes"),
         "Take in pilots: codes [n, p], the classes that were sent [n]; returns how many "
         "were used.")
        .def("solve",
             &Fit::solve,
             py::arg("map"),
             "Fit, and put the result in place in map; a refit_status.",
             py::call_guard<py::gil_scoped_release>())
        .def("reset", &Fit::reset, "Forget all pilots.")
        .def_property_readonly("pilots", &Fit::pilots, "Used since reset().");
}

void register_lookups(py::module& m)
{
    const lookup_refit_settings usual;
    py::class_<lookup_refit> counts(
        m, "lookup_refit", "Counts codes per class in pilots, for a lookup.");
    counts.def(
        py::init([](const digital_map& start, double forgetting, double prior) {
            return lookup_refit(start, {forgetting, prior});
        }),
        py::arg("start"),
        py::arg("forgetting") = usual.forgetting,
        py::arg("prior") = usual.prior,
        "forgetting in (0, 1]; prior: pilots of each class that start counts for.");
    add_lookup_methods(counts);

    const gaussian_refit_settings shape;
    py::class_<gaussian_refit> gaussian(
        m,
        "gaussian_refit",
        "Fits gains, offset and noise at each ADC to codes of pilots, for a lookup.");
    gaussian.def(
        py::init([](const digital_map& start,
                    double forgetting,
                    double prior,
                    double of_shape) {
            return gaussian_refit(start, {forgetting, prior, of_shape});
        }),
        py::arg("start"),
        py::arg("forgetting") = shape.forgetting,
        py::arg("prior") = shape.prior,
        py::arg("shape") = shape.shape,
        "forgetting in (0, 1]; prior and shape: pilots of each class that start and the "
        "fitted shape count for.");
    add_lookup_methods(gaussian);

    const logistic_refit_settings steps;
    py::class_<logistic_refit> logistic(
        m, "logistic_refit", "Multinomial logistic regression on codes, for a lookup.");
    logistic.def(py::init([](const digital_map& start,
                             std::size_t capacity,
                             unsigned n_steps,
                             double ridge) {
                     return logistic_refit(start, {capacity, n_steps, ridge});
                 }),
                 py::arg("start"),
                 py::arg("capacity") = steps.capacity,
                 py::arg("steps") = steps.steps,
                 py::arg("ridge") = steps.ridge,
                 "capacity: pilots kept, the latest; steps of gradient descent in each "
                 "solve(); ridge "
                 "pulls towards start, per pilot.");
    add_lookup_methods(logistic);
}

channel_estimate estimate(const carray<float>& x, const carray<float>& s)
{
    if (x.ndim() != 2 || s.ndim() != 2 || x.shape(0) != s.shape(0))
        throw std::invalid_argument("pilot_estimate: x and s have other shapes than "
                                    "expected, [pilots, n] and [pilots, k]");
    const float *from = x.data(), *sent = s.data();
    const auto pilots = static_cast<std::size_t>(x.shape(0)),
               n = static_cast<std::size_t>(x.shape(1)),
               k = static_cast<std::size_t>(s.shape(1));
    py::gil_scoped_release others_may_run;
    return pilot_estimate(from, sent, pilots, n, k);
}

void register_pilot_estimate(py::module& m)
{
    py::class_<channel_estimate>(
        m, "channel_estimate", "A channel that was estimated from pilots.")
        .def_readonly("status", &channel_estimate::status, "A refit_status.")
        .def_property_readonly(
            "channel",
            [](const channel_estimate& e) { return to_array(e.channel); },
            "H [n, k]; empty unless the status is ok.")
        .def_readonly("noise_variance",
                      &channel_estimate::noise_variance,
                      "Per real input, unbiased.")
        .def_readonly("pilots", &channel_estimate::pilots, "Used: all finite.");
    m.def("pilot_estimate",
          &estimate,
          py::arg("x"),
          py::arg("s"),
          "Least squares on x = H s + w: x [pilots, n] received, s [pilots, k] sent.");
}

} // namespace

void register_refit(py::module& m)
{
    register_status(m);
    register_affine(m);
    register_lookups(m);
    register_pilot_estimate(m);
}

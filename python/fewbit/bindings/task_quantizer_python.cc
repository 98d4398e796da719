/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"
#include "task_quantizer/arrays.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/task_quantizer.h>

using namespace gr::fewbit::algorithms;
using namespace task_quantizer_bindings;

namespace {

std::string path_text(const py::object& path)
{
    return py::module::import("os").attr("fsencode")(path).cast<std::string>();
}

// Real vectors as they are, complex ones as [Re; Im].
carray<float> real_vectors(const py::array& x)
{
    if (x.dtype().kind() != 'c')
        return carray<float>(x);
    const auto numpy = py::module::import("numpy");
    return carray<float>(
        numpy.attr("concatenate")(py::make_tuple(x.attr("real"), x.attr("imag")), -1));
}

const task_quantizer& detector(const task_quantizer& chain, const char* what)
{
    if (chain.task() != quantizer_task::detection)
        throw std::invalid_argument(std::string("task_quantizer.") + what +
                                    ": the task is estimation, expected detection");
    return chain;
}

// A method of the chain that fills an array of the given length a vector (0: a number).
template <typename T>
carray<T> run(const task_quantizer& chain,
              const py::array& array,
              std::size_t block_len,
              std::size_t length,
              void (task_quantizer::*method)(const float*, std::size_t, T*, std::size_t)
                  const noexcept)
{
    const carray<float> x = real_vectors(array);
    const std::size_t n = vectors_of(x, chain.inputs(), "task_quantizer");
    const float* in = x.data();
    return filled<T>(length ? with_length(x, length) : without_length(x),
                     [&](T* out) { (chain.*method)(in, n, out, block_len); });
}

std::pair<carray<std::uint8_t>, carray<float>>
codes(const task_quantizer& chain, const py::array& array, std::size_t block_len)
{
    const carray<float> x = real_vectors(array);
    const std::size_t n = vectors_of(x, chain.inputs(), "task_quantizer");
    carray<std::uint8_t> found(with_length(x, chain.adcs()));
    carray<float> gains(without_length(x));
    const float* in = x.data();
    auto* out = found.mutable_data();
    auto* g = gains.mutable_data();
    py::gil_scoped_release others_may_run;
    chain.codes(in, n, out, g, block_len);
    return {found, gains};
}

void add_answers(py::class_<task_quantizer>& c)
{
    const auto x = py::arg("x");
    const auto block = py::arg("block_len") = 1;
    using chain = task_quantizer;
    c.def(
        "codes",
        &codes,
        x,
        block,
        "float32 [..., n], or complex64 [..., n/2], to a pair (uint8 codes [..., p], the "
        "AGC's gains [...]).");
    c.def(
        "estimate",
        [](const chain& q, const py::array& v, std::size_t b) {
            return run<float>(q, v, b, q.outputs(), &chain::estimate);
        },
        x,
        block,
        "Estimates [..., k]; for detection posterior means of the symbols.");
    c.def(
        "classes",
        [](const chain& q, const py::array& v, std::size_t b) {
            return run<std::uint8_t>(detector(q, "classes"), v, b, 0, &chain::classes);
        },
        x,
        block,
        "The most probable class [...].");
    c.def(
        "decide",
        [](const chain& q, const py::array& v, std::size_t b) {
            return run<std::uint8_t>(
                detector(q, "decide"), v, b, q.outputs(), &chain::decide);
        },
        x,
        block,
        "Bits [..., k], user 0 first.");
    c.def(
        "posteriors",
        [](const chain& q, const py::array& v, std::size_t b) {
            return run<float>(detector(q, "posteriors"),
                              v,
                              b,
                              q.digital().classes(),
                              &chain::posteriors);
        },
        x,
        block,
        "Probabilities of the classes [..., 2**k].");
    c.def(
        "llrs",
        [](const chain& q, const py::array& v, std::size_t b) {
            return run<float>(detector(q, "llrs"), v, b, q.outputs(), &chain::llrs);
        },
        x,
        block,
        "LLRs [..., k], positive = bit 1, clipped to +-64.");
}

void register_chain(py::module& m)
{
    py::class_<task_quantizer> c(
        m,
        "task_quantizer",
        "A receiver that quantizes for its task: analog map, scalar ADCs, digital map.");
    c.def(py::init([](const py::object& path) {
              const std::string text = path_text(path);
              py::gil_scoped_release others_may_run;
              return task_quantizer(text);
          }),
          py::arg("path"),
          "Load a bundle of kind 'task_quantizer', by its path or the name of an installed "
          "model; bundle_error in one sentence if it is none.")
        .def(py::init<analog_map, scalar_adc, digital_map, bool, std::string>(),
             py::arg("analog"),
             py::arg("adc"),
             py::arg("digital"),
             py::arg("complex_inputs") = false,
             py::arg("method") = "",
             "Of parts.")
        .def_property_readonly("analog",
                               [](const task_quantizer& q) { return q.analog(); })
        .def_property(
            "adc",
            [](const task_quantizer& q) { return q.adc(); },
            &task_quantizer::set_adc)
        .def_property(
            "digital",
            [](const task_quantizer& q) { return q.digital(); },
            &task_quantizer::set_digital)
        .def_property_readonly("task",
                               [](const task_quantizer& q) {
                                   return q.task() == quantizer_task::detection
                                              ? "detection"
                                              : "estimation";
                               })
        .def_property_readonly("complex_inputs", &task_quantizer::complex_inputs)
        .def_property_readonly("method", &task_quantizer::method)
        .def_property_readonly("inputs", &task_quantizer::inputs, "n, real numbers.")
        .def_property_readonly("adcs", &task_quantizer::adcs)
        .def_property_readonly("outputs", &task_quantizer::outputs)
        .def_property_readonly("bits_per_vector", &task_quantizer::bits_per_vector)
        .def_property_readonly(
            "rate", &task_quantizer::rate, "Bits per real input: sum log2(M) / n.");
    add_answers(c);
}

} // namespace

void register_analog_map(py::module& m);
void register_scalar_adc(py::module& m);
void register_digital_map(py::module& m);
void register_designs(py::module& m);
void register_refit(py::module& m);
void register_named_quantizer(py::module& m);

void register_task_quantizer(py::module& m)
{
    register_analog_map(m);
    register_scalar_adc(m);
    register_digital_map(m);
    register_chain(m);
    register_designs(m);
    register_refit(m);
    register_named_quantizer(m);
}

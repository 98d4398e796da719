/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../registrars.h"
#include "arrays.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>

using namespace gr::fewbit::algorithms;
using namespace task_quantizer_bindings;

namespace {

quantizer_task task_named(const std::string& name)
{
    if (name == "estimation")
        return quantizer_task::estimation;
    if (name == "detection")
        return quantizer_task::detection;
    throw std::invalid_argument("digital_map: task is '" + name +
                                "', expected 'estimation' or 'detection'");
}

const char* kind_name(const digital_map& map)
{
    switch (map.kind()) {
    case digital_kind::affine:
        return "affine";
    case digital_kind::lookup:
        return "lookup";
    default:
        return "network";
    }
}

// weight [powers, k, p] with bias [powers, k], or both without the powers.
digital_map
affine(const scalar_adc& adc, const carray<float>& weight, const carray<float>& bias)
{
    const bool one = weight.ndim() == 2 && bias.ndim() == 1;
    if (!one && (weight.ndim() != 3 || bias.ndim() != 2))
        throw std::invalid_argument(
            "digital_map.affine: weight and bias have " + std::to_string(weight.ndim()) +
            " and " + std::to_string(bias.ndim()) +
            " dimensions, expected [powers, k, p] and [powers, k], or [k, p] and [k]");
    const auto powers = one ? 1 : static_cast<unsigned>(weight.shape(0));
    return digital_map::affine(adc,
                               static_cast<std::size_t>(weight.shape(one ? 0 : 1)),
                               to_vector(weight),
                               to_vector(bias),
                               powers);
}

digital_map
lookup(const scalar_adc& adc, std::size_t users, const carray<float>& log_likelihood)
{
    return digital_map::lookup(adc, users, to_vector(log_likelihood));
}

const digital_map& detector(const digital_map& map, const char* what)
{
    if (map.task() != quantizer_task::detection)
        throw std::invalid_argument(std::string("digital_map.") + what +
                                    ": the map's task is estimation, expected detection");
    return map;
}

carray<float> estimate(const digital_map& map,
                       const carray<std::uint8_t>& codes,
                       const carray<float>& gains)
{
    const std::size_t n = vectors_of(codes, map.adcs(), "digital_map.estimate");
    if (gains.size() != 0 && static_cast<std::size_t>(gains.size()) != n)
        throw std::invalid_argument("digital_map.estimate: got " +
                                    std::to_string(gains.size()) +
                                    " gains, expected one for each of the " +
                                    std::to_string(n) + " vectors, or none");
    const std::uint8_t* in = codes.data();
    const float* g = gains.size() ? gains.data() : nullptr;
    return filled<float>(with_length(codes, map.outputs()),
                         [&](float* s) { map.estimate(in, g, n, s); });
}

carray<std::uint8_t> classes(const digital_map& map, const carray<std::uint8_t>& codes)
{
    const std::size_t n = vectors_of(codes, map.adcs(), "digital_map.classes");
    const std::uint8_t* in = codes.data();
    return filled<std::uint8_t>(without_length(codes), [&](std::uint8_t* out) {
        detector(map, "classes").classes(in, n, out);
    });
}

carray<std::uint8_t> decide(const digital_map& map, const carray<std::uint8_t>& codes)
{
    const std::size_t n = vectors_of(codes, map.adcs(), "digital_map.decide");
    const std::uint8_t* in = codes.data();
    return filled<std::uint8_t>(
        with_length(codes, map.outputs()),
        [&](std::uint8_t* out) { detector(map, "decide").decide(in, n, out); });
}

carray<float> posteriors(const digital_map& map, const carray<std::uint8_t>& codes)
{
    const std::size_t n = vectors_of(codes, map.adcs(), "digital_map.posteriors");
    const std::uint8_t* in = codes.data();
    return filled<float>(with_length(codes, map.classes()), [&](float* out) {
        detector(map, "posteriors").posteriors(in, n, out);
    });
}

carray<float> llrs(const digital_map& map, const carray<std::uint8_t>& codes)
{
    const std::size_t n = vectors_of(codes, map.adcs(), "digital_map.llrs");
    const std::uint8_t* in = codes.data();
    return filled<float>(with_length(codes, map.outputs()),
                         [&](float* out) { detector(map, "llrs").llrs(in, n, out); });
}

py::ssize_t size(std::size_t n) { return static_cast<py::ssize_t>(n); }

void add_parameters(py::class_<digital_map>& c)
{
    c.def_property_readonly("kind", &kind_name, "'affine', 'lookup' or 'network'.")
        .def_property_readonly("task",
                               [](const digital_map& map) {
                                   return map.task() == quantizer_task::detection
                                              ? "detection"
                                              : "estimation";
                               })
        .def_property_readonly("adcs", &digital_map::adcs)
        .def_property_readonly(
            "outputs", &digital_map::outputs, "k: numbers, or users (bits).")
        .def_property_readonly(
            "n_classes",
            [](const digital_map& map) { return map.classes(); },
            "2^k; 0 for estimation.")
        .def_property_readonly("powers", &digital_map::powers)
        .def_property_readonly("levels", &digital_map::levels)
        .def_property_readonly(
            "level_values",
            [](const digital_map& map) { return to_array(map.level_values()); })
        .def_property_readonly("has_joint_table",
                               &digital_map::has_joint_table,
                               "Whether every cell's answer has been worked out.")
        .def_property_readonly(
            "weight",
            [](const digital_map& map) {
                if (map.weight().empty())
                    return carray<float>(0);
                return to_array(
                    map.weight(),
                    {size(map.powers()), size(map.outputs()), size(map.adcs())});
            },
            "affine: W [powers, k, p]; else empty.")
        .def_property_readonly(
            "bias",
            [](const digital_map& map) {
                if (map.bias().empty())
                    return carray<float>(0);
                return to_array(map.bias(), {size(map.powers()), size(map.outputs())});
            },
            "affine: b [powers, k]; else empty.")
        .def_property_readonly(
            "log_likelihood",
            [](const digital_map& map) {
                if (map.log_likelihood().empty())
                    return carray<float>(0);
                return to_array(map.log_likelihood(),
                                {size(map.level_values().size()), size(map.classes())});
            },
            "lookup: T [codes of all ADCs, classes]; else empty.")
        .def_property_readonly(
            "layers",
            [](const digital_map& map) { return from_layers(map.layers()); },
            "network: pairs (weight, bias); else empty.");
}

} // namespace

void register_digital_map(py::module& m)
{
    py::class_<digital_map> c(m,
                              "digital_map",
                              "ADC codes to estimates, or to decisions, posteriors and "
                              "LLRs (positive = bit 1).");
    c.def_static(
         "affine",
         &affine,
         py::arg("adc"),
         py::arg("weight"),
         py::arg("bias"),
         "An estimator s = sum_j (1/g)^j (W_j q + b_j): weight [powers, k, p], bias "
         "[powers, k], or [k, p] and [k].")
        .def_static("lookup",
                    &lookup,
                    py::arg("adc"),
                    py::arg("users"),
                    py::arg("log_likelihood"),
                    "A detector: log P(code | class) [codes of all ADCs, 2**users].")
        .def_static(
            "network",
            [](const scalar_adc& adc,
               const std::string& task,
               const std::vector<std::pair<carray<float>, carray<float>>>& layers) {
                return digital_map::network(adc, task_named(task), to_layers(layers));
            },
            py::arg("adc"),
            py::arg("task"),
            py::arg("layers"),
            "task is 'estimation' or 'detection'; layers: pairs (weight [out, in], bias "
            "[out]).")
        .def("estimate",
             &estimate,
             py::arg("codes"),
             py::arg("gains") = carray<float>(0),
             "codes [..., p] and the AGC's gains [...] to estimates [..., k]; a "
             "detector's "
             "are posterior means of the symbols.")
        .def("classes", &classes, py::arg("codes"), "The most probable class [...].")
        .def("decide", &decide, py::arg("codes"), "Its bits [..., k], user 0 first.")
        .def("posteriors", &posteriors, py::arg("codes"), "Probabilities [..., 2**k].")
        .def("llrs", &llrs, py::arg("codes"), "LLRs [..., k], clipped to +-64.")
        .def(
            "replace_affine",
            [](digital_map& map,
               const carray<float>& weight,
               const carray<float>& bias,
               const carray<float>& values) {
                const auto is = [](const carray<float>& a, const std::vector<float>& b) {
                    return static_cast<std::size_t>(a.size()) == b.size();
                };
                return is(weight, map.weight()) && is(bias, map.bias()) &&
                       (values.size() == 0 || is(values, map.level_values())) &&
                       map.replace_affine(weight.data(),
                                          bias.data(),
                                          values.size() ? values.data() : nullptr);
            },
            py::arg("weight"),
            py::arg("bias"),
            py::arg("level_values") = carray<float>(0),
            "Other values of the same shapes (level_values: empty to leave them); False, "
            "and "
            "no change, for anything else.")
        .def(
            "replace_lookup",
            [](digital_map& map, const carray<float>& table) {
                return static_cast<std::size_t>(table.size()) ==
                           map.log_likelihood().size() &&
                       map.replace_lookup(table.data());
            },
            py::arg("log_likelihood"),
            "Other values of the same shape; False, and no change, for anything else.");
    add_parameters(c);
}

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"
#include <gnuradio/fewbit/algorithms/bundle.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

using gr::fewbit::algorithms::bundle;
using gr::fewbit::algorithms::bundle_error;

namespace {

std::string path_text(const py::object& path)
{
    // os.fsencode: str, bytes or anything with __fspath__, in the file system's own
    // encoding.
    return py::module::import("os").attr("fsencode")(path).cast<std::string>();
}

template <typename T>
py::array_t<T> as_array(const std::vector<T>& values, const bundle::shape_type& shape)
{
    return py::array_t<T>(std::vector<py::ssize_t>(shape.begin(), shape.end()),
                          values.data());
}

} // namespace

void register_bundle(py::module& m)
{
    py::register_exception<bundle_error>(m, "bundle_error", PyExc_ValueError);

    py::class_<bundle>(m,
                       "bundle",
                       "A trained model, read from a .safetensors file and checked; see "
                       "bundle.load().")
        .def_static(
            "load",
            [](const py::object& path, const std::string& kind) {
                const std::string text = path_text(path);
                py::gil_scoped_release release;
                return bundle::load(text, kind);
            },
            py::arg("path"),
            py::arg("kind") = "",
            "Read the file at path. kind is what it must be, such as 'softbit_codec'; '' "
            "takes "
            "any. Raises bundle_error in one sentence when it is not a sound bundle of "
            "that "
            "kind.")
        .def_property_readonly(
            "path",
            [](const bundle& b) {
                return py::module::import("os").attr("fsdecode")(py::bytes(b.path()));
            },
            "The file.")
        .def_property_readonly("kind", &bundle::kind, "What the model is for.")
        .def_property_readonly("id", &bundle::id, "32-bit hash of the file's bytes.")
        .def_property_readonly("file_bytes", &bundle::file_bytes, "The file's size.")
        .def_property_readonly(
            "config",
            [](const bundle& b) {
                return py::module::import("json").attr("loads")(b.config());
            },
            "The configuration: a dict.")
        .def_property_readonly(
            "tensors",
            [](const bundle& b) {
                py::dict tensors;
                for (const auto& tensor : b.tensors())
                    tensors[py::str(tensor.name)] =
                        py::make_tuple(tensor.dtype, py::tuple(py::cast(tensor.shape)));
                return tensors;
            },
            "A dict in the order of the file: name -> (dtype, shape).")
        .def(
            "f32",
            [](const bundle& b,
               const std::string& name,
               const bundle::shape_type& shape) {
                return as_array(b.f32(name, shape), shape);
            },
            py::arg("name"),
            py::arg("shape"),
            "A float tensor of exactly this shape, else bundle_error.")
        .def(
            "i32",
            [](const bundle& b,
               const std::string& name,
               const bundle::shape_type& shape) {
                return as_array(b.i32(name, shape), shape);
            },
            py::arg("name"),
            py::arg("shape"),
            "An integer tensor of exactly this shape, else bundle_error.");
}

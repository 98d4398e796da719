/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BINDINGS_REGISTRARS_H
#define INCLUDED_FEWBIT_BINDINGS_REGISTRARS_H

#include <pybind11/pybind11.h>

namespace py = pybind11;

// One registrar a room. A room's registrar calls the register_* functions of its classes.
void register_bundle(py::module& m);
void register_instruction_sets(py::module& m);
void register_link(py::module& m);
void register_coding(py::module& m);
void register_softbits(py::module& m);
void register_task_quantizer(py::module& m);
void register_detection(py::module& m);
void register_models_path(py::module& m);
void register_blocks(py::module& m);

#endif /* INCLUDED_FEWBIT_BINDINGS_REGISTRARS_H */

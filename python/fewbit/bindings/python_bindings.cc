/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"

PYBIND11_MODULE(fewbit_python, m)
{
    // The blocks' base classes are registered by GNU Radio's own module: without it, they cannot
    // be bound, and Python must see the reason if it cannot be imported.
    py::module::import("gnuradio.gr");

    py::module algorithms = m.def_submodule(
        "algorithms",
        "The algorithm classes that the blocks are made of, on numpy arrays.");
    register_bundle(algorithms);
    register_instruction_sets(algorithms);
    register_link(algorithms);
    register_coding(algorithms);
    register_softbits(algorithms);
    register_task_quantizer(algorithms);
    register_detection(algorithms);
    register_models_path(m);
    register_blocks(m);
}

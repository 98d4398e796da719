/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"
#include <gnuradio/fewbit/algorithms/instruction_sets.h>
#include <pybind11/stl.h>

void register_instruction_sets(py::module& m)
{
    using namespace gr::fewbit::algorithms;
    m.def("instruction_sets",
          &instruction_sets,
          "Instruction sets of this processor that the kernels were compiled for, best "
          "first.");
    m.def(
        "use_instruction_set",
        &use_instruction_set,
        py::arg("name") = "",
        "Make every kernel use the named instruction set; '' gives the choice back. For "
        "tests "
        "and benchmarks. Raises ValueError when the name is none of instruction_sets().");
    m.def("use_dot_product_instruction",
          &use_dot_product_instruction,
          py::arg("use"),
          "Whether int8 kernels may use AVX-512 VNNI, where the processor has it (they "
          "do from "
          "the start); the same results either way. For tests.");
}

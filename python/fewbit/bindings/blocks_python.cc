/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"

void register_coding_blocks(py::module& m);
void register_harq_blocks(py::module& m);
void register_meter_blocks(py::module& m);
void register_llr_blocks(py::module& m);
void register_link_blocks(py::module& m);
void register_mimo_blocks(py::module& m);
void register_task_quantizer_blocks(py::module& m);

void register_blocks(py::module& m)
{
    register_coding_blocks(m);
    register_harq_blocks(m);
    register_meter_blocks(m);
    register_llr_blocks(m);
    register_link_blocks(m);
    register_mimo_blocks(m);
    register_task_quantizer_blocks(m);
}

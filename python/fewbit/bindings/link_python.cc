/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"

void register_linear_channel(py::module& m);
void register_mimo_channel(py::module& m);
void register_qam_mapper(py::module& m);
void register_soft_demapper(py::module& m);
void register_tdl_channel(py::module& m);

void register_link(py::module& m)
{
    register_linear_channel(m);
    register_mimo_channel(m);
    register_qam_mapper(m);
    register_soft_demapper(m);
    register_tdl_channel(m);
}

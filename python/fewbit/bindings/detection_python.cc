/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"

void register_detector(py::module& m);
void register_unfolded_detector(py::module& m);

void register_detection(py::module& m)
{
    register_detector(m);
    register_unfolded_detector(m);
}

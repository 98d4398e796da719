/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"

void register_codec(py::module& m);
void register_container(py::module& m);
void register_learned_codec(py::module& m);
void register_harq_store(py::module& m);
void register_iq_csi(py::module& m);

void register_softbits(py::module& m)
{
    register_codec(m);
    register_container(m);
    register_learned_codec(m);
    register_harq_store(m);
    register_iq_csi(m); // after register_codec(): it derives from softbit_codec
}

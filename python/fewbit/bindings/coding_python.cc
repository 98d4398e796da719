/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"

void register_crc(py::module& m);
void register_crc32(py::module& m);
void register_interleaver(py::module& m);
void register_error_counter(py::module& m);
void register_ldpc(py::module& m);
void register_range_coder(py::module& m);

void register_coding(py::module& m)
{
    register_crc(m);
    register_crc32(m);
    register_interleaver(m);
    register_error_counter(m);
    register_ldpc(m);
    register_range_coder(m);
}

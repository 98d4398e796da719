/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../registrars.h"
#include <gnuradio/fewbit/algorithms/coding/crc32.h>

void register_crc32(py::module& m)
{
    m.def(
        "crc32",
        [](const py::buffer& data, std::uint32_t previous) {
            const py::buffer_info bytes = data.request();
            if (PyBuffer_IsContiguous(bytes.view(), 'C') == 0)
                throw py::value_error("crc32: the buffer is not contiguous");
            return gr::fewbit::algorithms::crc32(
                bytes.ptr,
                static_cast<std::size_t>(bytes.size * bytes.itemsize),
                previous);
        },
        py::arg("data"),
        py::arg("previous") = 0,
        "CRC-32 of bytes as zlib.crc32 computes it; `previous` is that of the bytes "
        "before.");
}

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"
#include <gnuradio/fewbit/algorithms/softbits/container.h>
#include <cstring>
#include <string>

using namespace gr::fewbit::algorithms;

void register_container(py::module& m)
{
    m.def(
        "seal_container",
        [](const py::bytes& body, std::uint32_t codec_id, std::uint32_t n_llrs) {
            const std::string content = body;
            std::string container(content.size() + container_overhead_bytes(n_llrs),
                                  '\0');
            auto* const bytes = reinterpret_cast<std::uint8_t*>(&container[0]);
            std::memcpy(
                bytes + container_header_bytes(n_llrs), content.data(), content.size());
            seal_container(bytes, content.size(), codec_id, n_llrs);
            return py::bytes(container);
        },
        py::arg("body"),
        py::arg("codec_id"),
        py::arg("n_llrs"),
        "The body in its container: what may leave the process. Adds 12 bytes, 14 for "
        "more than "
        "65535 LLRs.");
    m.def(
        "open_container",
        [](const py::bytes& container, std::uint32_t codec_id, std::uint32_t max_llrs) {
            const std::string content = container;
            container_parts parts;
            const container_reason reason =
                open_container(reinterpret_cast<const std::uint8_t*>(content.data()),
                               content.size(),
                               codec_id,
                               max_llrs,
                               parts);
            return py::make_tuple(
                to_text(reason),
                parts.codec_id,
                parts.n_llrs,
                py::bytes(reinterpret_cast<const char*>(parts.body), parts.body_bytes));
        },
        py::arg("container"),
        py::arg("codec_id"),
        py::arg("max_llrs") = 0xffffffffu,
        "(reason, codec_id, n_llrs, body) of a container that came from outside; reason "
        "is 'ok', "
        "'too_short', 'bad_magic', 'bad_format', 'bad_crc', 'wrong_codec' or "
        "'bad_length', and "
        "the body is empty unless it is 'ok'.");
}

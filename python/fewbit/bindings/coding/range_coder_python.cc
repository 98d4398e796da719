/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "registrars.h"
#include <gnuradio/fewbit/algorithms/coding/range_coder.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace gr::fewbit::algorithms;

namespace {

using int_array = py::array_t<std::int32_t, py::array::c_style | py::array::forcecast>;
using wide_array = py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>;

int_array as_integers(const py::array& values, const char* what)
{
    const char kind = values.dtype().kind();
    if (kind != 'i' && kind != 'u')
        throw std::invalid_argument(std::string(what) + ": dtype " +
                                    py::str(values.dtype()).cast<std::string>() +
                                    " found, expected integers");
    const int_array narrow = int_array::ensure(values);
    if (values.itemsize() < 4)
        return narrow;
    // numpy wraps what does not fit 32 bits. A uint64 that wraps even in 64 bits comes
    // out negative here, which neither a symbol nor a CDF may be.
    const auto wide = wide_array::ensure(values);
    for (py::ssize_t i = 0; i < wide.size(); ++i)
        if (wide.data()[i] != narrow.data()[i])
            throw std::invalid_argument(std::string(what) + ": value " +
                                        std::to_string(wide.data()[i]) +
                                        " found, expected one that fits 32 bits");
    return narrow;
}

int_array as_symbols(const py::array& values)
{
    int_array symbols = as_integers(values, "range coder, symbols");
    if (symbols.ndim() != 1)
        throw std::invalid_argument("range coder: symbols of " +
                                    std::to_string(symbols.ndim()) +
                                    " dimensions found, expected 1");
    return symbols;
}

// The CDFs of a stream, which its symbols use in turn: symbol i has CDF i modulo count.
struct raw_cdfs {
    int_array rows;
    std::size_t count;
    unsigned levels_;

    explicit raw_cdfs(const py::array& cdfs)
        : rows(as_integers(cdfs, "range coder, CDFs"))
    {
        if (rows.ndim() != 1 && rows.ndim() != 2)
            throw std::invalid_argument("range coder: CDFs of " +
                                        std::to_string(rows.ndim()) +
                                        " dimensions found, expected [L+1] or [P, L+1]");
        const std::size_t entries = static_cast<std::size_t>(rows.shape(rows.ndim() - 1));
        count = rows.ndim() == 2 ? static_cast<std::size_t>(rows.shape(0)) : 1;
        for (std::size_t i = 0; i < count; ++i)
            check_cdf(rows.data() + i * entries, entries);
        levels_ = static_cast<unsigned>(entries) - 1;
    }
    unsigned levels(std::size_t) const { return levels_; }
    const std::int32_t* row(std::size_t i) const
    {
        return rows.data() + i * (levels_ + 1);
    }
    void encode(range_encoder& coder, std::size_t i, unsigned s) const
    {
        coder.encode(row(i), s);
    }
    unsigned decode(range_decoder& coder, std::size_t i) const
    {
        return coder.decode(row(i), levels_);
    }
};

// Tables are shared with Python, which may drop its own while the GIL is released.
using table_list = std::vector<std::shared_ptr<cdf_table>>;

struct prepared_cdfs {
    const table_list& tables;
    std::size_t count;

    explicit prepared_cdfs(const table_list& given) : tables(given), count(given.size())
    {
        for (std::size_t i = 0; i < count; ++i)
            if (!tables[i])
                throw py::type_error("range coder: CDF " + std::to_string(i) +
                                     " is None, expected a cdf_table");
    }
    unsigned levels(std::size_t i) const { return tables[i]->levels(); }
    void encode(range_encoder& coder, std::size_t i, unsigned s) const
    {
        coder.encode(*tables[i], s);
    }
    unsigned decode(range_decoder& coder, std::size_t i) const
    {
        return coder.decode(*tables[i]);
    }
};

template <typename Cdfs>
void check_symbols(const std::int32_t* symbols, std::size_t n, const Cdfs& cdfs)
{
    if (n > 0 && cdfs.count == 0)
        throw std::invalid_argument("range coder: 0 CDFs found, expected at least 1");
    for (std::size_t i = 0, p = 0; i < n; ++i, p = p + 1 == cdfs.count ? 0 : p + 1)
        if (symbols[i] < 0 || static_cast<unsigned>(symbols[i]) >= cdfs.levels(p))
            throw std::invalid_argument("range_encode: symbol " + std::to_string(i) +
                                        " is " + std::to_string(symbols[i]) +
                                        ", expected 0 to " +
                                        std::to_string(cdfs.levels(p) - 1));
}

template <typename Cdfs>
py::bytes encode(const py::array& given, const Cdfs& cdfs)
{
    const int_array symbols = as_symbols(given);
    const std::int32_t* s = symbols.data();
    const std::size_t n = static_cast<std::size_t>(symbols.size());
    std::string stream(range_encoder::max_bytes(n), '\0');
    {
        py::gil_scoped_release release;
        check_symbols(s, n, cdfs);
        range_encoder coder(reinterpret_cast<std::uint8_t*>(&stream[0]), stream.size());
        for (std::size_t i = 0, p = 0; i < n; ++i, p = p + 1 == cdfs.count ? 0 : p + 1)
            cdfs.encode(coder, p, static_cast<unsigned>(s[i]));
        stream.resize(coder.finish());
    }
    return py::bytes(stream);
}

template <typename Cdfs>
py::array_t<std::int16_t> decode(const py::bytes& given, const Cdfs& cdfs, std::size_t n)
{
    if (n > 0 && cdfs.count == 0)
        throw std::invalid_argument("range coder: 0 CDFs found, expected at least 1");
    char* bytes = nullptr;
    py::ssize_t n_bytes = 0;
    PyBytes_AsStringAndSize(given.ptr(), &bytes, &n_bytes);
    py::array_t<std::int16_t> symbols(static_cast<py::ssize_t>(n));
    std::int16_t* s = symbols.mutable_data();
    {
        py::gil_scoped_release release;
        range_decoder coder(reinterpret_cast<const std::uint8_t*>(bytes),
                            static_cast<std::size_t>(n_bytes));
        for (std::size_t i = 0, p = 0; i < n; ++i, p = p + 1 == cdfs.count ? 0 : p + 1)
            s[i] = static_cast<std::int16_t>(cdfs.decode(coder, p));
    }
    return symbols;
}

} // namespace

void register_range_coder(py::module& m)
{
    py::class_<cdf_table, std::shared_ptr<cdf_table>>(
        m,
        "cdf_table",
        "A checked integer CDF of 1 to 256 symbols, prepared for fast "
        "decoding: L+1 entries, first 0, last 65536, strictly increasing.")
        .def(py::init([](const py::array& cdf) {
                 const int_array entries = as_integers(cdf, "cdf_table");
                 if (entries.ndim() != 1)
                     throw std::invalid_argument(
                         "cdf_table: " + std::to_string(entries.ndim()) +
                         " dimensions found, expected 1");
                 return cdf_table(entries.data(),
                                  static_cast<std::size_t>(entries.size()));
             }),
             py::arg("cdf"))
        .def_property_readonly("levels", &cdf_table::levels, "The alphabet's size.");

    const char* encode_doc =
        "Encode integer symbols [n] into bytes, the same bytes as torchac 0.9.3.\n\n"
        "cdfs: integers [L+1] or [P, L+1], or a list of P cdf_table (faster to decode); "
        "symbol i "
        "uses CDF i modulo P. Raises ValueError on a bad CDF or a symbol outside it.";
    m.def(
        "range_encode",
        [](const py::array& symbols, const table_list& cdfs) {
            return encode(symbols, prepared_cdfs(cdfs));
        },
        py::arg("symbols"),
        py::arg("cdfs"),
        encode_doc);
    m.def(
        "range_encode",
        [](const py::array& symbols, const py::array& cdfs) {
            return encode(symbols, raw_cdfs(cdfs));
        },
        py::arg("symbols"),
        py::arg("cdfs"),
        encode_doc);

    const char* decode_doc =
        "Decode n symbols (int16) from bytes that range_encode or torchac wrote with "
        "these CDFs.\n\n"
        "Any bytes decode to some symbols; past their end, zeros are read.";
    m.def(
        "range_decode",
        [](const py::bytes& stream, const table_list& cdfs, std::size_t n) {
            return decode(stream, prepared_cdfs(cdfs), n);
        },
        py::arg("stream"),
        py::arg("cdfs"),
        py::arg("n"),
        decode_doc);
    m.def(
        "range_decode",
        [](const py::bytes& stream, const py::array& cdfs, std::size_t n) {
            return decode(stream, raw_cdfs(cdfs), n);
        },
        py::arg("stream"),
        py::arg("cdfs"),
        py::arg("n"),
        decode_doc);
}

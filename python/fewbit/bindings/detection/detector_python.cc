/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../link/arrays.h"
#include "../registrars.h"
#include <gnuradio/fewbit/algorithms/detection/detector.h>
#include <pybind11/stl.h>

using namespace gr::fewbit::algorithms;

namespace {

using cfloat = std::complex<float>;
using label_array = carray<std::uint8_t>;

std::string shape_text(const complex_array& a)
{
    std::string text;
    for (py::ssize_t i = 0; i < a.ndim(); i++)
        text += (i ? ", " : "") + std::to_string(a.shape(i));
    return "[" + text + "]";
}

// h [m, k] or [channels, m, k]; one noise variance for all of them or one each.
std::size_t
prepare(detector& d, const complex_array& h, const carray<float>& noise_variance)
{
    const auto& size = d.size();
    const py::ssize_t n = h.ndim();
    if ((n != 2 && n != 3) || h.shape(n - 2) != static_cast<py::ssize_t>(size.antennas) ||
        h.shape(n - 1) != static_cast<py::ssize_t>(size.users))
        throw std::invalid_argument(
            d.name() + ": h is " + shape_text(h) + ", expected [channels, " +
            std::to_string(size.antennas) + ", " + std::to_string(size.users) + "]");
    const std::size_t count = n == 2 ? 1 : static_cast<std::size_t>(h.shape(0));
    const auto given = static_cast<std::size_t>(noise_variance.size());
    if (given != 1 && given != count)
        throw std::invalid_argument(d.name() + ": found " + std::to_string(given) +
                                    " noise variances for " + std::to_string(count) +
                                    " channels, expected 1 or as many");
    std::vector<float> each(count, given ? noise_variance.data()[0] : 0.0f);
    if (given == count)
        std::copy_n(noise_variance.data(), count, each.begin());
    const cfloat* from = h.data();
    py::gil_scoped_release others_may_run;
    if (d.reserved() < count)
        d.reserve(count);
    return d.prepare(from, each.data(), count);
}

std::size_t vectors_a_channel(const detector& d, const py::object& block_len)
{
    try {
        return block_len.cast<std::size_t>();
    } catch (const py::cast_error&) {
        throw std::invalid_argument(d.name() + ": block_len is " +
                                    py::repr(block_len).cast<std::string>() +
                                    ", expected a whole number from 0, or None");
    }
}

// The vectors of y, and whatever is wanted of them; block_len None: as many as make it fit.
template <class Detect>
std::size_t on_vectors(const detector& d,
                       const complex_array& y,
                       const py::object& block_len,
                       Detect detect)
{
    const std::size_t m = d.size().antennas;
    if (y.ndim() < 1 || y.shape(y.ndim() - 1) != static_cast<py::ssize_t>(m))
        throw std::invalid_argument(d.name() + ": y is " + shape_text(y) +
                                    ", expected [..., " + std::to_string(m) + "]");
    const std::size_t n = static_cast<std::size_t>(y.size()) / m;
    const std::size_t channels = d.channels();
    if (channels == 0)
        throw std::invalid_argument(d.name() +
                                    ": no channel is prepared; call prepare() first");
    std::size_t length = 0;
    if (!block_len.is_none())
        length = vectors_a_channel(d, block_len);
    else if (n % channels != 0)
        throw std::invalid_argument(d.name() + ": found " + std::to_string(n) +
                                    " vectors for " + std::to_string(channels) +
                                    " channels, expected a multiple; or give block_len");
    else
        length = n / channels;
    const cfloat* from = y.data();
    py::gil_scoped_release others_may_run;
    return detect(from, n, length);
}

const char* const vectors_text =
    "y complex64 [..., antennas]; vector v goes over channel v // block_len (0: all over "
    "the first; None: the channels share the vectors evenly).";

std::size_t users_of(const detector& d) { return d.size().users; }

// One kind of answer: an array [..., length(d)] that detect(d, y, n, block_len, values) fills.
template <typename T, class Detect>
auto answer(const char* name, std::size_t (*length)(const detector&), Detect detect)
{
    return [=](detector& d, const complex_array& y, const py::object& block_len) {
        carray<T> found(with_last(y, length(d), name));
        T* const values = found.mutable_data();
        on_vectors(d, y, block_len, [&](auto* from, std::size_t n, std::size_t each) {
            return detect(d, from, n, each, values);
        });
        return found;
    };
}

void add_detection(py::class_<detector>& c)
{
    using count = std::size_t;
    const auto y = py::arg("y");
    const auto block = py::arg("block_len") = py::none();
    c.def(
        "labels",
        answer<std::uint8_t>(
            "labels",
            &users_of,
            [](detector& d, const cfloat* v, count n, count each, std::uint8_t* to) {
                return d.detect(v, n, each, to, nullptr, nullptr);
            }),
        y,
        block,
        "Decisions uint8 [..., users]: a symbol's bits as a number, first bit highest.");
    c.def(
        "symbols",
        answer<cfloat>("symbols",
                       &users_of,
                       [](detector& d, const cfloat* v, count n, count each, cfloat* to) {
                           return d.detect(v, n, each, nullptr, to, nullptr);
                       }),
        y,
        block,
        "Soft symbols complex64 [..., users].");
    c.def("llrs",
          answer<float>(
              "llrs",
              [](const detector& d) { return d.llrs_per_vector(); },
              [](detector& d, const cfloat* v, count n, count each, float* to) {
                  return d.detect(v, n, each, nullptr, nullptr, to);
              }),
          y,
          block,
          "LLRs float32 [..., users * bits_per_symbol], positive = bit 1, user by user.");
    c.def(
        "detect",
        [](detector& d, const complex_array& a, const py::object& b) {
            label_array labels(with_last(a, d.size().users, "detect"));
            complex_array symbols(with_last(a, d.size().users, "detect"));
            carray<float> llrs(with_last(a, d.llrs_per_vector(), "detect"));
            auto* l = labels.mutable_data();
            auto* s = symbols.mutable_data();
            auto* r = llrs.mutable_data();
            const std::size_t erased =
                on_vectors(d, a, b, [&](auto* from, auto n, auto length) {
                    return d.detect(from, n, length, l, s, r);
                });
            return py::make_tuple(labels, symbols, llrs, erased);
        },
        y,
        block,
        "All three, and how many vectors were erased.");
}

} // namespace

void register_detector(py::module& m)
{
    py::class_<detector> c(
        m,
        "detector",
        "Finds what the users sent from what the antennas received; made by "
        "make_detector(). An object serves one thread at a time. An erased vector (over "
        "an "
        "unusable channel, or with NaN) has labels, symbols and LLRs of 0.");
    c.def_property_readonly("name", &detector::name)
        .def_property_readonly("antennas",
                               [](const detector& d) { return d.size().antennas; })
        .def_property_readonly("users", [](const detector& d) { return d.size().users; })
        .def_property_readonly("bits_per_symbol",
                               [](const detector& d) { return d.size().bits_per_symbol; })
        .def_property_readonly("channels",
                               &detector::channels,
                               "How many channels the last prepare() was for.")
        .def_property_readonly("cut_short",
                               &detector::cut_short,
                               "Vectors so far whose search ended at its limit, with an "
                               "answer that may not be the best; 0 for detectors without "
                               "one.")
        .def("reserve",
             &detector::reserve,
             py::arg("channels"),
             "Make room, so that prepare() of so many channels allocates nothing.")
        .def("prepare",
             &prepare,
             py::arg("h"),
             py::arg("noise_variance"),
             "Take channels complex64 [channels, antennas, users] or [antennas, users] "
             "and "
             "the noise variance E|n|^2 of an antenna, one or one a channel; returns how "
             "many channels are unusable.");
    add_detection(c);
    c.attr("__doc__") =
        py::str(std::string(c.attr("__doc__").cast<std::string>()) + " " + vectors_text);
    m.def(
        "make_detector",
        [](const std::string& specification,
           std::size_t antennas,
           std::size_t users,
           unsigned bits_per_symbol) {
            return make_detector(specification, {antennas, users, bits_per_symbol});
        },
        py::arg("specification"),
        py::arg("antennas") = 16,
        py::arg("users") = 16,
        py::arg("bits_per_symbol") = 4,
        "Make a detector from a text such as 'lmmse', 'kbest:k=16' or 'unfolded:FILE'; "
        "ValueError in one sentence where it cannot be read.");
}

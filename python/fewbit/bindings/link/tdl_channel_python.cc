/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../registrars.h"
#include "arrays.h"
#include <gnuradio/fewbit/algorithms/link/awgn.h>
#include <gnuradio/fewbit/algorithms/link/subcarrier_map.h>
#include <gnuradio/fewbit/algorithms/link/tdl_channel.h>
#include <gnuradio/fewbit/algorithms/link/tdl_profile.h>
#include <pybind11/stl.h>
#include <memory>

using namespace gr::fewbit::algorithms;

namespace {

template <typename T>
carray<T> to_array(const std::vector<T>& values)
{
    return carray<T>(static_cast<py::ssize_t>(values.size()), values.data());
}

std::unique_ptr<tdl_channel> make_channel(const std::string& profile,
                                          const std::string& fading,
                                          double max_doppler,
                                          bool normalise,
                                          std::uint64_t seed,
                                          double rms_delay_spread,
                                          double sample_rate,
                                          const std::vector<double>& offsets)
{
    tdl_settings s;
    s.profile = profile;
    if (fading == "jakes")
        s.fading = tdl_fading::jakes;
    else if (fading != "block")
        throw std::invalid_argument("tdl_channel: fading is '" + fading +
                                    "', expected 'block' or 'jakes'");
    s.max_doppler = max_doppler;
    s.normalise = normalise;
    s.seed = seed;
    s.rms_delay_spread = rms_delay_spread;
    s.sample_rate = sample_rate;
    s.offsets = offsets;
    return std::make_unique<tdl_channel>(s);
}

complex_array draw(tdl_channel& channel, std::size_t n, double interval)
{
    complex_array responses({n, channel.n_subcarriers()});
    auto* out = responses.mutable_data();
    py::gil_scoped_release release;
    channel.draw(n, interval, out);
    return responses;
}

complex_array response_at(const tdl_channel& channel, const carray<double>& offsets)
{
    complex_array response(shape_of(offsets));
    channel.frequency_response(offsets.data(),
                               static_cast<std::size_t>(offsets.size()),
                               response.mutable_data());
    return response;
}

complex_array filter(tdl_channel& channel, const complex_array& samples)
{
    complex_array out(shape_of(samples));
    const auto* from = samples.data();
    auto* to = out.mutable_data();
    const auto n = static_cast<std::size_t>(samples.size());
    py::gil_scoped_release release;
    channel.filter(from, n, to);
    return out;
}

void register_subcarrier_map(py::module& m)
{
    py::class_<subcarrier_map>(
        m, "subcarrier_map", "Which subcarriers of an OFDM symbol a packet occupies.")
        .def(py::init<std::size_t, std::size_t, std::size_t>(),
             py::arg("n_subcarriers") = 108,
             py::arg("span") = 600,
             py::arg("fft_length") = 1024,
             "n_subcarriers spread evenly over the `span` subcarriers around an unused "
             "DC.")
        .def_property_readonly("n_subcarriers", &subcarrier_map::n_subcarriers)
        .def_property_readonly("span", &subcarrier_map::span)
        .def_property_readonly("fft_length", &subcarrier_map::fft_length)
        .def_property_readonly(
            "indices",
            [](const subcarrier_map& s) { return to_array(s.indices()); },
            "Signed subcarrier numbers, ascending.")
        .def(
            "offsets",
            [](const subcarrier_map& s, double rate) {
                return to_array(s.offsets(rate));
            },
            py::arg("sample_rate") = 15.36e6,
            "Frequencies in Hz from DC.");
}

void register_awgn(py::module& m)
{
    py::class_<awgn>(m, "awgn", "White circular complex Gaussian noise.")
        .def(py::init<std::uint64_t>(), py::arg("seed"))
        .def(
            "add",
            [](awgn& noise, const complex_array& samples, float noise_variance) {
                complex_array out(shape_of(samples));
                const auto* from = samples.data();
                auto* to = out.mutable_data();
                const auto n = static_cast<std::size_t>(samples.size());
                py::gil_scoped_release release;
                noise.add(from, n, noise_variance, to);
                return out;
            },
            py::arg("samples"),
            py::arg("noise_variance"),
            "samples plus noise of E|n|^2 = noise_variance.");
}

} // namespace

void register_tdl_channel(py::module& m)
{
    register_subcarrier_map(m);
    register_awgn(m);
    m.def("tdl_profile_names", &tdl_profile_names, "Profiles that tdl_channel knows.");
    m.def(
        "tdl_profile",
        [](const std::string& name, double rms_delay_spread) {
            std::vector<double> delays, powers;
            for (const auto& tap : tdl_profile(name, rms_delay_spread)) {
                delays.push_back(tap.delay);
                powers.push_back(tap.power);
            }
            return std::make_pair(to_array(delays), to_array(powers));
        },
        py::arg("name"),
        py::arg("rms_delay_spread") = 100e-9,
        "Delays in seconds and mean powers (sum 1) of a profile.");
    py::class_<tdl_channel>(
        m,
        "tdl_channel",
        "A fading tapped delay line: frequency responses, and a filter.")
        .def(py::init(&make_channel),
             py::arg("profile") = "EPA",
             py::arg("fading") = "block",
             py::arg("max_doppler") = 0.0,
             py::arg("normalise") = true,
             py::arg("seed") = 1,
             py::arg("rms_delay_spread") = 100e-9,
             py::arg("sample_rate") = 15.36e6,
             py::arg("offsets") = std::vector<double>(),
             "fading is 'block' (each step an independent channel) or 'jakes' "
             "(max_doppler in "
             "Hz); offsets are the subcarriers' frequencies in Hz, subcarrier_map()'s if "
             "empty; "
             "normalise gives every step unit mean power over them.")
        .def_property_readonly("n_subcarriers", &tdl_channel::n_subcarriers)
        .def_property_readonly(
            "offsets",
            [](const tdl_channel& c) { return to_array(c.settings().offsets); })
        .def_property_readonly(
            "delays",
            [](const tdl_channel& c) { return to_array(c.delays()); },
            "Delays of the taps in seconds.")
        .def_property_readonly(
            "taps",
            [](const tdl_channel& c) { return to_array(c.taps()); },
            "Taps of this step.")
        .def_property_readonly(
            "response",
            [](const tdl_channel& c) { return to_array(c.response()); },
            "Frequency response of this step at the offsets.")
        .def("frequency_response",
             &response_at,
             py::arg("offsets"),
             "Frequency response of this step at any frequencies in Hz.")
        .def("step",
             &tdl_channel::step,
             py::arg("interval") = 0.0,
             "Go to the next channel, `interval` seconds on.")
        .def("set_max_doppler", &tdl_channel::set_max_doppler, py::arg("hertz"))
        .def("draw",
             &draw,
             py::arg("n"),
             py::arg("interval") = 0.0,
             "Responses of this step and the n - 1 after it, complex64 [n, "
             "n_subcarriers].")
        .def("filter",
             &filter,
             py::arg("samples"),
             "Filter samples with this step's taps; see the C++ header for the edges.")
        .def("reset_filter", &tdl_channel::reset_filter)
        .def_property_readonly_static("filter_lead", [](const py::object&) {
            return static_cast<std::size_t>(tdl_channel::filter_lead);
        });
}

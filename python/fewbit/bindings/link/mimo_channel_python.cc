/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "../registrars.h"
#include "arrays.h"
#include <gnuradio/fewbit/algorithms/link/mimo_channel.h>

using namespace gr::fewbit::algorithms;

namespace {

mimo_fading fading_named(const std::string& name)
{
    if (name == "block")
        return mimo_fading::block;
    if (name == "jakes")
        return mimo_fading::jakes;
    throw std::invalid_argument("mimo_channel: fading is '" + name +
                                "', expected 'block' or 'jakes'");
}

std::pair<complex_array, complex_array> apply(mimo_channel& channel,
                                              const complex_array& x)
{
    const auto& s = channel.settings();
    if (x.ndim() != 2 || x.shape(1) != static_cast<py::ssize_t>(s.users) ||
        x.shape(0) % static_cast<py::ssize_t>(s.block_len) != 0)
        throw std::invalid_argument(
            "mimo_channel.apply: x is [" +
            (x.ndim() == 2 ? std::to_string(x.shape(0)) + ", " + std::to_string(x.shape(1))
                           : std::to_string(x.ndim()) + " dimensions") +
            "], expected [vectors, " + std::to_string(s.users) +
            "] with a multiple of " + std::to_string(s.block_len) + " vectors");
    const auto n = static_cast<std::size_t>(x.shape(0));
    const std::size_t blocks = n / s.block_len;
    complex_array y({n, s.receive_antennas});
    complex_array h({blocks, s.receive_antennas, s.users});
    const auto* from = x.data();
    auto* to = y.mutable_data();
    auto* matrices = h.mutable_data();
    py::gil_scoped_release others_may_run;
    channel.apply(from, blocks, to, matrices);
    return {y, h};
}

} // namespace

void register_mimo_channel(py::module& m)
{
    const mimo_settings defaults;
    py::class_<mimo_channel>(
        m, "mimo_channel", "y = H x + n: Rayleigh fading between users and antennas.")
        .def(py::init([](std::size_t receive_antennas,
                         std::size_t users,
                         double noise_variance,
                         std::size_t block_len,
                         double receive_correlation,
                         double transmit_correlation,
                         const std::string& fading,
                         double doppler,
                         std::uint64_t seed) {
                 return mimo_channel({receive_antennas,
                                      users,
                                      block_len,
                                      noise_variance,
                                      receive_correlation,
                                      transmit_correlation,
                                      fading_named(fading),
                                      doppler,
                                      seed});
             }),
             py::arg("receive_antennas") = defaults.receive_antennas,
             py::arg("users") = defaults.users,
             py::arg("noise_variance") = defaults.noise_variance,
             py::arg("block_len") = defaults.block_len,
             py::arg("receive_correlation") = defaults.receive_correlation,
             py::arg("transmit_correlation") = defaults.transmit_correlation,
             py::arg("fading") = "block",
             py::arg("doppler") = defaults.doppler,
             py::arg("seed") = defaults.seed,
             "H_ij ~ CN(0, 1/users), Kronecker-correlated by r^|i-j| at both sides; for "
             "unit-energy symbols SNR = 1 / noise_variance. fading 'block' draws a new "
             "channel every block_len vectors, 'jakes' goes on in time by doppler = f_d "
             "times the time of a block.")
        .def_property_readonly(
            "receive_antennas",
            [](const mimo_channel& c) { return c.settings().receive_antennas; })
        .def_property_readonly("users",
                               [](const mimo_channel& c) { return c.settings().users; })
        .def_property_readonly(
            "block_len", [](const mimo_channel& c) { return c.settings().block_len; })
        .def_property(
            "noise_variance",
            [](const mimo_channel& c) { return c.settings().noise_variance; },
            &mimo_channel::set_noise_variance,
            "E|n|^2 of an antenna.")
        .def("apply",
             &apply,
             py::arg("x"),
             "x complex64 [vectors, users], whole blocks of them, to a pair: y "
             "[vectors, receive antennas] and the channels [blocks, receive antennas, "
             "users].");
}

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/detection/detector.h>

#include "algorithms/link/constellation.h"
#include "kernels/finite_rows.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

void check_count(const std::string& who, const char* what, std::size_t value)
{
    if (value < 1 || value > detector::max_antennas)
        throw std::invalid_argument(who + ": " + what + " is " + std::to_string(value) +
                                    ", expected 1 to " +
                                    std::to_string(detector::max_antennas));
}

} // namespace

detector::detector(const std::string& who, const detector_size& size) : d_size(size)
{
    check_count(who, "antennas", size.antennas);
    check_count(who, "users", size.users);
    check_bits_per_symbol(who, size.bits_per_symbol);
}

detector::~detector() = default;

void detector::reserve(std::size_t channels)
{
    d_channels = 0;
    make_room(channels);
    d_usable.assign(channels, 0);
}

std::size_t detector::prepare(const std::complex<float>* h,
                              const float* noise_variances,
                              std::size_t count) noexcept
{
    const std::size_t values = d_size.antennas * d_size.users;
    d_channels = std::min(count, d_usable.size());
    kernels::finite_rows(
        reinterpret_cast<const float*>(h), d_channels, 2 * values, d_usable.data());
    for (std::size_t c = 0; c < d_channels; c++)
        if (!(noise_variances[c] >= 0) || !std::isfinite(noise_variances[c]))
            d_usable[c] = 0;
    prepare_channels(h, noise_variances, d_channels, d_usable.data());
    return static_cast<std::size_t>(
        std::count(d_usable.begin(), d_usable.begin() + d_channels, 0));
}

std::size_t detector::detect(const std::complex<float>* y,
                             std::size_t n,
                             std::size_t block_len,
                             std::uint8_t* labels,
                             std::complex<float>* symbols,
                             float* llrs,
                             std::size_t first) noexcept
{
    std::array<std::uint32_t, most_vectors> channel{};
    std::size_t at = block_len ? first / block_len : 0;
    std::size_t left = block_len ? block_len - first % block_len : 0;
    std::size_t erased = 0;
    for (std::size_t from = 0; from < n; from += most_vectors) {
        const std::size_t m = std::min(most_vectors, n - from);
        if (block_len)
            for (std::size_t v = 0; v < m; v++, left--) {
                if (left == 0) {
                    at++;
                    left = block_len;
                }
                channel[v] = static_cast<std::uint32_t>(std::min(at, d_channels));
            }
        erased += detect_some({y + from * d_size.antennas,
                               m,
                               channel.data(),
                               labels ? labels + from * d_size.users : nullptr,
                               symbols ? symbols + from * d_size.users : nullptr,
                               llrs ? llrs + from * llrs_per_vector() : nullptr});
    }
    return erased;
}

std::size_t
detector::erase(const vectors& some, std::size_t from, std::size_t to) noexcept
{
    if (some.labels)
        std::fill(some.labels + from * d_size.users, some.labels + to * d_size.users, 0);
    if (some.symbols)
        std::fill(some.symbols + from * d_size.users,
                  some.symbols + to * d_size.users,
                  std::complex<float>());
    if (some.llrs)
        std::fill(some.llrs + from * llrs_per_vector(),
                  some.llrs + to * llrs_per_vector(),
                  0.0f);
    return to - from;
}

// Runs of sound vectors are handed on, those between them erased.
std::size_t detector::detect_some(const vectors& some) noexcept
{
    std::array<std::uint8_t, most_vectors> sound;
    kernels::finite_rows(reinterpret_cast<const float*>(some.y),
                         some.n,
                         2 * d_size.antennas,
                         sound.data());
    for (std::size_t v = 0; v < some.n; v++)
        sound[v] = sound[v] && some.channel[v] < d_channels && d_usable[some.channel[v]];
    std::size_t erased = 0;
    for (std::size_t from = 0; from < some.n;) {
        std::size_t to = from + 1;
        while (to < some.n && sound[to] == sound[from])
            to++;
        if (sound[from])
            detect_vectors({some.y + from * d_size.antennas,
                            to - from,
                            some.channel + from,
                            some.labels ? some.labels + from * d_size.users : nullptr,
                            some.symbols ? some.symbols + from * d_size.users : nullptr,
                            some.llrs ? some.llrs + from * llrs_per_vector() : nullptr});
        else
            erased += erase(some, from, to);
        from = to;
    }
    return erased;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

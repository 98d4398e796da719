/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/detection/channel_check.h>

#include "kernels/column_rests.h"
#include "kernels/finite_rows.h"
#include <algorithm>
#include <array>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

using kernels::column_rests;
constexpr float shortest = 1e-5f; // of a column's rest, over the longest column
constexpr float least_rest = shortest * shortest;

} // namespace

struct channel_check::parts {
    std::size_t antennas, users;
    column_rests rests;
};

channel_check::channel_check(std::size_t antennas, std::size_t users)
    : d_parts(new parts{antennas, users, column_rests(antennas, users)})
{
}

channel_check::~channel_check() = default;

void channel_check::examine(const std::complex<float>* h,
                            std::size_t count,
                            channel_fault* faults) noexcept
{
    auto& p = *d_parts;
    const std::size_t values = p.antennas * p.users;
    std::array<float, column_rests::lanes> rests;
    std::array<std::uint8_t, column_rests::lanes> finite;
    for (std::size_t first = 0; first < count; first += column_rests::lanes) {
        const std::size_t n = std::min(column_rests::lanes, count - first);
        const std::complex<float>* const some = h + first * values;
        kernels::finite_rows(
            reinterpret_cast<const float*>(some), n, 2 * values, finite.data());
        p.rests.measure(some, n, rests.data());
        for (std::size_t l = 0; l < n; l++)
            faults[first + l] = !finite[l]     ? channel_fault::not_finite
                                : rests[l] < 0 ? channel_fault::zero
                                : p.users > p.antennas || !(rests[l] > least_rest)
                                    ? channel_fault::singular
                                    : channel_fault::none;
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

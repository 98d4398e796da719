/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/detection/sphere_detector.h>

#include "algorithms/detection/channel_factors.h"
#include "algorithms/detection/sphere_search.h"
#include "kernels/unfolded_float.h"
#include <algorithm>
#include <array>
#include <atomic>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr float nobody = 1e29f; // sums above it are of no x

std::size_t checked(const detector_size& size, std::size_t nodes)
{
    const std::size_t least = 4 * size.users;
    if (nodes < least || nodes > sphere_detector::most_nodes)
        throw std::invalid_argument("sphere: nodes is " + std::to_string(nodes) +
                                    ", expected " + std::to_string(least) + " (for " +
                                    std::to_string(size.users) + " users) to " +
                                    std::to_string(sphere_detector::most_nodes));
    return nodes;
}

float checked(double clip)
{
    if (!(clip > 0 && clip <= static_cast<double>(detector::llr_limit)))
        throw std::invalid_argument("sphere: clip is " + std::to_string(clip) +
                                    ", expected more than 0 and at most 64");
    return static_cast<float>(clip);
}

} // namespace

struct sphere_detector::parts {
    parts(const detector_size& size, std::size_t most, float most_llr)
        : nodes(most),
          clip(most_llr),
          inputs(2 * size.antennas),
          columns(2 * size.users),
          padded(kernels::aligned_stride(columns)),
          record_floats(columns * (columns + 1) / 2 + 2),
          output(size.users, size.bits_per_symbol),
          factors(size),
          search(columns, output),
          z(most_vectors * padded),
          found(columns),
          of_level(columns * static_cast<std::size_t>(output.levels()))
    {
    }

    void
    pack(std::size_t first, std::size_t n, const channel_factors::units& units) noexcept;
    void answer(const vectors& some, std::size_t v) noexcept;
    bool list_llrs(const sphere_search::problem& p,
                   const std::uint16_t* places,
                   float factor,
                   float* llrs) noexcept;

    std::size_t nodes;
    float clip;
    std::size_t inputs, columns, padded, record_floats;
    soft_output output;
    channel_factors factors;
    sphere_search search;
    kernels::aligned_vector<float> filters; // [channels][inputs][padded]
    std::vector<float> records;        // [channels]: rows of R, ridge, 1 / (2 variance)
    std::vector<std::uint16_t> orders; // [channels][columns]
    kernels::aligned_vector<float> z;
    std::vector<float> found;    // [columns]
    std::vector<float> of_level; // [columns][levels]: the least sums
    std::atomic<std::uint64_t> cut_short{0};
};

sphere_detector::sphere_detector(const detector_size& size,
                                 std::size_t nodes,
                                 double clip)
    : detector("sphere", size),
      d_parts(std::make_unique<parts>(size, checked(size, nodes), checked(clip)))
{
}

sphere_detector::~sphere_detector() = default;

std::uint64_t sphere_detector::cut_short() const noexcept { return d_parts->cut_short; }

void sphere_detector::make_room(std::size_t channels)
{
    auto& p = *d_parts;
    p.filters.assign(channels * p.inputs * p.padded, 0.0f);
    p.records.assign(channels * p.record_floats, 0.0f);
    p.orders.assign(channels * p.columns, 0);
}

void sphere_detector::prepare_channels(const std::complex<float>* h,
                                       const float* noise_variances,
                                       std::size_t count,
                                       std::uint8_t* usable) noexcept
{
    auto& p = *d_parts;
    p.factors.factor(h,
                     noise_variances,
                     count,
                     usable,
                     [&](std::size_t first, std::size_t n, const auto& units) {
                         p.pack(first, n, units);
                     });
}

void sphere_detector::parts::pack(std::size_t first,
                                  std::size_t n,
                                  const channel_factors::units& units) noexcept
{
    float* const record = records.data() + first * record_floats;
    factors.put_filters(n, units, padded, filters.data() + first * inputs * padded);
    factors.put_rows(n, record, record_floats);
    factors.put_order(n, orders.data() + first * columns);
    for (std::size_t l = 0; l < n; l++) {
        float* const last = record + (l + 1) * record_floats - 2;
        last[0] = static_cast<float>(units[l].ridge);
        last[1] = static_cast<float>(0.5 / units[l].variance);
    }
}

void sphere_detector::detect_vectors(const vectors& some) noexcept
{
    auto& p = *d_parts;
    std::array<const float*, most_vectors> of;
    for (std::size_t v = 0; v < some.n; v++)
        of[v] = p.filters.data() + some.channel[v] * p.inputs * p.padded;
    kernels::filter_vectors(of.data(), some.n, p.inputs, p.padded, some.y, p.z.data());
    for (std::size_t v = 0; v < some.n; v++)
        p.answer(some, v);
}

void sphere_detector::parts::answer(const vectors& some, std::size_t v) noexcept
{
    const std::size_t c = some.channel[v], users = columns / 2;
    const float* const record = records.data() + c * record_floats;
    const float ridge = record[record_floats - 2], factor = record[record_floats - 1];
    const std::uint16_t* const places = orders.data() + c * columns;
    const sphere_search::problem problem{record, z.data() + v * padded, ridge};
    bool whole = search.find_best(problem, nodes);
    for (std::size_t i = 0; i < columns; i++)
        found[places[i]] =
            static_cast<float>(2 * search.best()[i] - (output.levels() - 1));
    if (some.labels)
        output.labels(found.data(), some.labels + v * users);
    if (some.symbols)
        output.symbols(found.data(), some.symbols + v * users);
    if (some.llrs)
        whole &= list_llrs(
            problem, places, factor, some.llrs + v * users * output.bits_per_symbol());
    if (!whole)
        cut_short.fetch_add(1, std::memory_order_relaxed);
}

// What was not found lies beyond the clip where the search was whole, and else counts as the
// worst that was seen.
bool sphere_detector::parts::list_llrs(const sphere_search::problem& p,
                                       const std::uint16_t* places,
                                       float factor,
                                       float* llrs) noexcept
{
    const auto levels = static_cast<std::size_t>(output.levels());
    const float reach = clip / factor;
    const bool whole = search.find_rivals(p, reach, nodes);
    for (std::size_t i = 0; i < columns; i++)
        for (std::size_t level = 0; level < levels; level++)
            of_level[places[i] * levels + level] = search.least(i, level);
    const float otherwise = whole ? search.best_sum() + reach : search.worst();
    output.list_llrs(of_level.data(), std::min(otherwise, nobody), factor, llrs);
    for (std::size_t i = 0; i < columns * output.bits_per_symbol() / 2; i++)
        llrs[i] =
            std::clamp(llrs[i], -clip, clip); // some beyond it were met all the same
    return whole;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/detection/tree_detector.h>

#include "algorithms/detection/channel_factors.h"
#include "algorithms/detection/soft_output.h"
#include "kernels/tree_search.h"
#include "kernels/unfolded_float.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

using kernels::tree_search;
constexpr std::size_t lanes = tree_search::lanes;
constexpr float nobody = 1e29f; // sums of squares above it are of no survivor

std::size_t checked(std::size_t survivors)
{
    if (survivors < 1 || survivors > tree_detector::max_survivors)
        throw std::invalid_argument("kbest: k is " + std::to_string(survivors) +
                                    ", expected 1 to " +
                                    std::to_string(tree_detector::max_survivors));
    return survivors;
}

} // namespace

struct tree_detector::parts {
    parts(const detector_size& size, std::size_t survivors, bool cancels)
        : successive(cancels),
          inputs(2 * size.antennas),
          columns(2 * size.users),
          padded(kernels::aligned_stride(columns)),
          energy((static_cast<double>(1u << size.bits_per_symbol) - 1) / 3),
          output(size.users, size.bits_per_symbol),
          factors(size),
          search(columns, size.bits_per_symbol / 2, survivors),
          z(most_vectors * padded),
          found(columns),
          of_level(columns * static_cast<std::size_t>(output.levels()))
    {
    }

    // What is kept of a channel.
    const float* filter(std::size_t c) const
    {
        return filters.data() + c * inputs * padded;
    }
    const float* record(std::size_t c) const
    {
        return records.data() + c * search.record_floats();
    }
    const std::uint16_t* order(std::size_t c) const
    {
        return orders.data() + c * columns;
    }
    const float* variance(std::size_t c) const { return variances.data() + c * columns; }

    void
    pack(std::size_t first, std::size_t n, const channel_factors::units& units) noexcept;
    void
    pack_scalars(std::size_t c, std::size_t lane, const channel_units& units) noexcept;
    void answer(const vectors& some, std::size_t v, std::size_t lane) noexcept;
    void list_llrs(std::size_t c, std::size_t lane, float* llrs) noexcept;

    bool successive;
    std::size_t inputs, columns, padded;
    double energy; // of a real symbol
    soft_output output;
    channel_factors factors;
    tree_search search;
    kernels::aligned_vector<float> filters; // [channels][inputs][padded]: Q^T, scaled
    std::vector<float> records;             // [channels][record_floats]
    std::vector<std::uint16_t> orders;      // [channels][columns]
    std::vector<float> variances; // [channels][columns]: of the estimate; of the noise
    kernels::aligned_vector<float> z;
    std::vector<float> found;    // [columns]
    std::vector<float> of_level; // [columns][levels]: the least sum of squares
};

tree_detector::tree_detector(const detector_size& size)
    : detector("vblast", size), d_parts(std::make_unique<parts>(size, 1, true))
{
}

tree_detector::tree_detector(const detector_size& size, std::size_t survivors)
    : detector("kbest", size),
      d_parts(std::make_unique<parts>(size, checked(survivors), false))
{
}

tree_detector::~tree_detector() = default;

std::string tree_detector::name() const
{
    return d_parts->successive ? "vblast"
                               : "kbest-" + std::to_string(d_parts->search.survivors());
}

void tree_detector::make_room(std::size_t channels)
{
    auto& p = *d_parts;
    p.filters.assign(channels * p.inputs * p.padded, 0.0f);
    p.records.assign(channels * p.search.record_floats(), 0.0f);
    p.orders.assign(channels * p.columns, 0);
    p.variances.assign(channels * p.columns, 0.0f);
}

void tree_detector::prepare_channels(const std::complex<float>* h,
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

void tree_detector::parts::pack(std::size_t first,
                                std::size_t n,
                                const channel_factors::units& units) noexcept
{
    const std::size_t floats = search.record_floats();
    factors.put_filters(n, units, padded, filters.data() + first * inputs * padded);
    factors.put_rows(n, records.data() + first * floats + search.row(0), floats);
    factors.put_order(n, orders.data() + first * columns);
    for (std::size_t l = 0; l < n; l++)
        pack_scalars(first + l, l, units[l]);
}

void tree_detector::parts::pack_scalars(std::size_t c,
                                        std::size_t lane,
                                        const channel_units& units) noexcept
{
    float* const r = records.data() + c * search.record_floats();
    for (std::size_t i = 0; i < columns; i++) {
        const double diagonal = factors.qr().r(lane, i, i);
        // V-BLAST's estimate z_i / R_ii has error e and gain 1 - e / energy
        const double e = std::min(units.variance / (diagonal * diagonal), energy);
        const double gain = std::max(1 - e / energy, 1e-6);
        r[i] = successive ? static_cast<float>(1 / gain) : 1.0f;
        variances[c * columns + i] =
            static_cast<float>(successive ? e / gain : units.variance);
    }
    r[search.record_floats() - 1] = static_cast<float>(units.ridge);
}

void tree_detector::detect_vectors(const vectors& some) noexcept
{
    auto& p = *d_parts;
    std::array<const float*, most_vectors> of;
    for (std::size_t v = 0; v < some.n; v++)
        of[v] = p.filter(some.channel[v]);
    kernels::filter_vectors(of.data(), some.n, p.inputs, p.padded, some.y, p.z.data());
    for (std::size_t v = 0; v < some.n; v++)
        of[v] = p.record(some.channel[v]);
    for (std::size_t from = 0; from < some.n; from += lanes) {
        const std::size_t n = std::min(lanes, some.n - from);
        p.search.search(of.data() + from, p.z.data() + from * p.padded, p.padded, n);
        for (std::size_t l = 0; l < n; l++)
            p.answer(some, from + l, l);
    }
}

void tree_detector::parts::answer(const vectors& some,
                                  std::size_t v,
                                  std::size_t lane) noexcept
{
    const std::size_t c = some.channel[v], users = columns / 2;
    const std::uint16_t* at = order(c);
    const int levels = output.levels();
    const std::size_t best = search.best(lane);
    if (some.labels || !successive) {
        for (std::size_t i = 0; i < columns; i++)
            found[at[i]] = static_cast<float>(
                2 * static_cast<int>(search.level(lane, best, i)) - levels + 1);
        if (some.labels)
            output.labels(found.data(), some.labels + v * users);
    }
    const std::size_t n_llrs = users * output.bits_per_symbol();
    if (!successive) {
        if (some.symbols)
            output.symbols(found.data(), some.symbols + v * users);
        if (some.llrs)
            list_llrs(c, lane, some.llrs + v * n_llrs);
        return;
    }
    if (!some.symbols && !some.llrs)
        return;
    std::array<float, 2 * max_antennas> noise;
    for (std::size_t i = 0; i < columns; i++) {
        const float diagonal = record(c)[search.row(i)];
        found[at[i]] = diagonal > 0 ? search.decided_from(lane, i) / diagonal : 0.0f;
        noise[at[i]] = variance(c)[i];
    }
    if (some.symbols)
        output.symbols(found.data(), some.symbols + v * users);
    if (some.llrs)
        output.axis_llrs(found.data(), noise.data(), some.llrs + v * n_llrs);
}

// By ||y - H x||^2: the search's sums less the extension's share.
void tree_detector::parts::list_llrs(std::size_t c,
                                     std::size_t lane,
                                     float* llrs) noexcept
{
    const auto levels = static_cast<std::size_t>(output.levels());
    const std::uint16_t* at = order(c);
    std::fill(of_level.begin(), of_level.end(), nobody);
    float worst = 0;
    bool first = true;
    for (std::size_t s = 0; s < search.survivors(); s++) {
        const float sum = search.metric(lane, s);
        if (!(sum < nobody))
            continue;
        worst = first ? sum : std::max(worst, sum);
        first = false;
        for (std::size_t i = 0; i < columns; i++) {
            float& least = of_level[at[i] * levels + search.level(lane, s, i)];
            least = std::min(least, sum);
        }
    }
    output.list_llrs(of_level.data(), worst, 0.5f / variance(c)[0], llrs);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/detection/ml_detector.h>

#include "algorithms/detection/real_channel.h"
#include "algorithms/detection/soft_output.h"
#include "algorithms/detection/sorted_qr.h"
#include "kernels/unfolded_float.h"
#include <algorithm>
#include <array>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

const detector_size& checked(const detector_size& size)
{
    if (size.users * size.bits_per_symbol > ml_detector::max_bits)
        throw std::invalid_argument(
            "ml: " + std::to_string(size.users) + " users of " +
            std::to_string(size.bits_per_symbol) +
            " bits are too many to try all of, expected at most 16 bits a vector");
    return size;
}

} // namespace

struct ml_detector::parts {
    explicit parts(const detector_size& size)
        : inputs(2 * size.antennas),
          columns(2 * size.users),
          padded(kernels::aligned_stride(columns)),
          output(size.users, size.bits_per_symbol),
          channel(size),
          qr(size),
          z(most_vectors * padded),
          found(columns),
          path(columns),
          levels(static_cast<std::size_t>(output.levels())),
          of_level(columns * levels)
    {
    }

    void pack(std::size_t c) noexcept;
    void descend(const float* r, const float* z, std::size_t place, float sum) noexcept;

    std::size_t inputs, columns, padded;
    soft_output output;
    real_channel channel;
    sorted_qr qr;
    kernels::aligned_vector<float> filters; // [channels][inputs][padded]
    std::vector<float> upper;               // [channels][columns][columns]
    std::vector<std::uint16_t> orders;      // [channels][columns]
    std::vector<float> factors;             // [channels]: 1 / (2 variance)
    kernels::aligned_vector<float> z;
    std::vector<float> found;
    std::vector<std::size_t> path; // levels, by place
    std::size_t levels;
    std::vector<float> of_level; // [place][levels]: the least sum of squares
};

ml_detector::ml_detector(const detector_size& size)
    : detector("ml", checked(size)), d_parts(std::make_unique<parts>(size))
{
}

ml_detector::~ml_detector() = default;

void ml_detector::make_room(std::size_t channels)
{
    auto& p = *d_parts;
    p.filters.assign(channels * p.inputs * p.padded, 0.0f);
    p.upper.assign(channels * p.columns * p.columns, 0.0f);
    p.orders.assign(channels * p.columns, 0);
    p.factors.assign(channels, 0.0f);
}

void ml_detector::prepare_channels(const std::complex<float>* h,
                                   const float* noise_variances,
                                   std::size_t count,
                                   std::uint8_t* usable) noexcept
{
    auto& p = *d_parts;
    for (std::size_t c = 0; c < count; c++) {
        if (!usable[c])
            continue;
        usable[c] =
            p.channel.take(h + c * size().antennas * size().users, noise_variances[c]);
        if (!usable[c])
            continue;
        p.qr.factor(p.channel);
        p.pack(c);
    }
}

void ml_detector::parts::pack(std::size_t c) noexcept
{
    for (std::size_t i = 0; i < columns; i++) {
        for (std::size_t j = 0; j < inputs; j++)
            filters[(c * inputs + j) * padded + i] =
                static_cast<float>(channel.units().scale * qr.q(j, i));
        for (std::size_t j = i; j < columns; j++)
            upper[(c * columns + i) * columns + j] = static_cast<float>(qr.r(i, j));
        orders[c * columns + i] = static_cast<std::uint16_t>(qr.column(i));
    }
    factors[c] = static_cast<float>(0.5 / channel.units().variance);
}

// All x below a partial answer; of_level gets the least sum that each level of each place has.
void ml_detector::parts::descend(const float* r,
                                 const float* of_z,
                                 std::size_t place,
                                 float sum) noexcept
{
    const std::size_t i = place - 1;
    float left = of_z[i];
    const auto symbol = [&](std::size_t level) {
        return 2 * static_cast<float>(level) - static_cast<float>(levels - 1);
    };
    for (std::size_t j = place; j < columns; j++)
        left -= r[i * columns + j] * symbol(path[j]);
    for (std::size_t level = 0; level < levels; level++) {
        const float e = left - r[i * columns + i] * symbol(level);
        const float total = sum + e * e;
        path[i] = level;
        if (i > 0) {
            descend(r, of_z, i, total);
            continue;
        }
        for (std::size_t p = 0; p < columns; p++) {
            float& least = of_level[p * levels + path[p]];
            least = std::min(least, total);
        }
    }
}

void ml_detector::detect_vectors(const vectors& some) noexcept
{
    auto& p = *d_parts;
    std::array<const float*, most_vectors> of;
    for (std::size_t v = 0; v < some.n; v++)
        of[v] = p.filters.data() + some.channel[v] * p.inputs * p.padded;
    kernels::filter_vectors(of.data(), some.n, p.inputs, p.padded, some.y, p.z.data());
    std::array<float, 2 * max_bits * 16> sorted;
    for (std::size_t v = 0; v < some.n; v++) {
        const std::size_t c = some.channel[v];
        std::fill(p.of_level.begin(), p.of_level.end(), 1e29f);
        p.descend(p.upper.data() + c * p.columns * p.columns,
                  p.z.data() + v * p.padded,
                  p.columns,
                  0.0f);
        // Each place's best level is the winner's: all places share the least sum.
        for (std::size_t i = 0; i < p.columns; i++) {
            const float* least = p.of_level.data() + i * p.levels;
            const std::size_t at = p.orders[c * p.columns + i];
            const auto best = std::min_element(least, least + p.levels) - least;
            p.found[at] = 2 * static_cast<float>(best) - static_cast<float>(p.levels - 1);
            std::copy_n(least, p.levels, sorted.data() + at * p.levels);
        }
        if (some.labels)
            p.output.labels(p.found.data(), some.labels + v * size().users);
        if (some.symbols)
            p.output.symbols(p.found.data(), some.symbols + v * size().users);
        if (some.llrs)
            p.output.list_llrs(
                sorted.data(), 1e29f, p.factors[c], some.llrs + v * llrs_per_vector());
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

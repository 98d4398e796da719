/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/detection/sphere_search.h"

#include <algorithm>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr float nobody = 1e29f; // sums above it are of no x
constexpr float done = 1e30f;   // what a level that was visited costs
// A branch must be better by more than float32's rounding, or equals would all be visited.
constexpr float better = 1 - 5e-7f;

} // namespace

sphere_search::sphere_search(std::size_t columns, const soft_output& output)
    : d_columns(columns),
      d_levels(static_cast<std::size_t>(output.levels())),
      d_bits(output.bits_per_symbol() / 2),
      d_axis_bits(d_levels),
      d_row(columns),
      d_costs(columns * d_levels),
      d_sums(columns + 1),
      d_x(columns),
      d_path(columns),
      d_best(columns),
      d_least(columns * d_levels),
      d_rivals(columns * d_bits),
      d_below(columns + 1),
      d_above(columns + 1)
{
    for (std::size_t level = 0; level < d_levels; level++)
        d_axis_bits[level] = output.axis_bits(static_cast<int>(level));
    for (std::size_t i = 0, at = 0; i < columns; at += columns - i++)
        d_row[i] = at;
}

// What each level of a place would add, those of the places above being decided.
void sphere_search::enter(const problem& p, std::size_t place) noexcept
{
    const float* const row = p.rows + d_row[place];
    const float* const x = d_x.data() + place;
    const std::size_t n = d_columns - place;
    float shares[4] = {p.z[place], 0, 0, 0};
    for (std::size_t j = 1; j < n; j++)
        shares[j % 4] -= row[j] * x[j];
    const float left = (shares[0] + shares[1]) + (shares[2] + shares[3]);
    const auto outermost = static_cast<float>(d_levels - 1);
    for (std::size_t level = 0; level < d_levels; level++) {
        const float symbol = 2 * static_cast<float>(level) - outermost;
        const float e = left - row[0] * symbol;
        d_costs[place * d_levels + level] =
            e * e + p.ridge * (outermost * outermost - symbol * symbol);
    }
}

std::size_t sphere_search::take_next(std::size_t place) noexcept
{
    const float* const costs = d_costs.data() + place * d_levels;
    return static_cast<std::size_t>(std::min_element(costs, costs + d_levels) - costs);
}

void sphere_search::see(float sum) noexcept
{
    d_worst = std::max(d_worst, sum);
    for (std::size_t i = 0; i < d_columns; i++) {
        float& least = d_least[i * d_levels + d_path[i]];
        least = std::min(least, sum);
    }
}

bool sphere_search::find_best(const problem& p, std::size_t nodes) noexcept
{
    std::fill(d_least.begin(), d_least.end(), nobody);
    d_worst = 0;
    d_best_sum = nobody;
    std::fill(d_best.begin(), d_best.end(), std::uint8_t{0});
    d_sums[d_columns] = 0;
    std::size_t place = d_columns - 1;
    enter(p, place);
    for (std::size_t node = 0; node < nodes; node++) {
        const std::size_t level = take_next(place);
        float& cost = d_costs[place * d_levels + level];
        const float sum = d_sums[place + 1] + cost;
        if (!(sum < better * d_best_sum)) {
            if (++place == d_columns)
                return true;
            continue;
        }
        cost = done;
        d_path[place] = static_cast<std::uint8_t>(level);
        d_x[place] = 2 * static_cast<float>(level) - static_cast<float>(d_levels - 1);
        if (place > 0) {
            d_sums[place] = sum;
            enter(p, --place);
            continue;
        }
        d_best_sum = sum;
        d_best = d_path;
        see(sum);
    }
    return false;
}

// The greatest of the rivals that an x with this level at this place may become.
float sphere_search::rivals_of(std::size_t place, std::size_t level) const noexcept
{
    const unsigned differ = d_axis_bits[level] ^ d_axis_bits[d_best[place]];
    float greatest = 0;
    for (unsigned b = 0; b < d_bits; b++)
        if (differ >> b & 1u)
            greatest = std::max(greatest, d_rivals[place * d_bits + b]);
    return greatest;
}

// After rivals have changed: the bounds, those of the path for its places from there on.
void sphere_search::bound_rivals(std::size_t from) noexcept
{
    for (std::size_t i = 0; i < d_columns; i++) {
        const auto own = d_rivals.begin() + i * d_bits;
        d_below[i + 1] = std::max(d_below[i], *std::max_element(own, own + d_bits));
    }
    d_above[d_columns] = 0;
    for (std::size_t i = d_columns; i-- > from;)
        d_above[i] = std::max(d_above[i + 1], rivals_of(i, d_path[i]));
}

void sphere_search::meet_rival(float sum) noexcept
{
    see(sum);
    for (std::size_t i = 0; i < d_columns; i++) {
        const unsigned differ = d_axis_bits[d_path[i]] ^ d_axis_bits[d_best[i]];
        for (unsigned b = 0; b < d_bits; b++)
            if (differ >> b & 1u)
                d_rivals[i * d_bits + b] = std::min(d_rivals[i * d_bits + b], sum);
    }
    bound_rivals(0);
}

bool sphere_search::find_rivals(const problem& p, float reach, std::size_t nodes) noexcept
{
    std::fill(d_rivals.begin(), d_rivals.end(), d_best_sum + reach);
    bound_rivals(d_columns);
    std::size_t place = d_columns - 1;
    enter(p, place);
    for (std::size_t node = 0; node < nodes; node++) {
        const std::size_t level = take_next(place);
        float& cost = d_costs[place * d_levels + level];
        const float sum = d_sums[place + 1] + cost;
        if (!(sum < better * std::max(d_above[place + 1], d_below[place + 1]))) {
            if (++place == d_columns)
                return true;
            continue;
        }
        cost = done;
        const float above = std::max(d_above[place + 1], rivals_of(place, level));
        if (!(sum < better * std::max(above, d_below[place])))
            continue; // no rival comes of this level, perhaps of the next
        d_path[place] = static_cast<std::uint8_t>(level);
        d_x[place] = 2 * static_cast<float>(level) - static_cast<float>(d_levels - 1);
        d_above[place] = above;
        if (place > 0) {
            d_sums[place] = sum;
            enter(p, --place);
            continue;
        }
        meet_rival(sum);
    }
    return false;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

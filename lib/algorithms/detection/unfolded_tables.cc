/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/detection/unfolded_tables.h"

#include <algorithm>
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {
constexpr float largest_logarithm = 30.0f;
}

std::vector<float>
read_knots(const bundle& file, const std::string& name, std::size_t most)
{
    const auto& shape = file.tensor(name).shape;
    if (shape.size() != 1 || shape[0] < 1 || shape[0] > most)
        throw file.refusal("tensor '" + name +
                               (shape.size() == 1 ? "', knots" : "', dimensions"),
                           std::to_string(shape.size() == 1 ? shape[0] : shape.size()),
                           "1 dimension with 1 to " + std::to_string(most) + " knots");
    const auto& knots = file.f32(name, shape);
    for (std::size_t i = 1; i < knots.size(); i++)
        if (!(knots[i] > knots[i - 1]))
            throw file.refusal("tensor '" + name + "', value " + std::to_string(i),
                               std::to_string(knots[i]),
                               "more than the one before it");
    return knots;
}

std::vector<float> read_logarithms(const bundle& file,
                                   const std::string& name,
                                   const bundle::shape_type& shape)
{
    const auto& values = file.f32(name, shape);
    for (std::size_t i = 0; i < values.size(); i++)
        if (!(std::abs(values[i]) <= largest_logarithm))
            throw file.refusal("tensor '" + name + "', value " + std::to_string(i),
                               std::to_string(values[i]),
                               "a logarithm from -30 to 30");
    return values;
}

knot_place place_among(const std::vector<float>& knots, double value) noexcept
{
    const auto held =
        static_cast<float>(std::clamp<double>(value, knots.front(), knots.back()));
    const std::size_t last = knots.size() - 1;
    knot_place p;
    while (p.low + 1 < last && knots[p.low + 1] <= held)
        p.low++;
    p.high = std::min(p.low + 1, last);
    if (p.high != p.low)
        p.between = (held - knots[p.low]) / (knots[p.high] - knots[p.low]);
    return p;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/class_scores.h"

#include <algorithm>
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

// The highest score, or NaN for scores that say nothing.
float highest(const float* scores, std::size_t classes) noexcept
{
    float best = scores[0];
    for (std::size_t s = 0; s < classes; s++) {
        if (std::isnan(scores[s]))
            return scores[s];
        best = std::max(best, scores[s]);
    }
    return std::isfinite(best) ? best : std::nanf("");
}

} // namespace

std::uint8_t most_probable(const float* scores, std::size_t classes) noexcept
{
    const float best = highest(scores, classes);
    const float* found = std::find(scores, scores + classes, best);
    return found == scores + classes ? 0 : static_cast<std::uint8_t>(found - scores);
}

void to_posteriors(const float* scores, std::size_t classes, float* p) noexcept
{
    const float best = highest(scores, classes);
    if (std::isnan(best)) {
        std::fill(p, p + classes, 1.0f / static_cast<float>(classes));
        return;
    }
    float sum = 0;
    for (std::size_t s = 0; s < classes; s++)
        sum += p[s] = std::exp(scores[s] - best);
    for (std::size_t s = 0; s < classes; s++)
        p[s] /= sum;
}

void to_llrs(const float* scores, std::size_t users, float limit, float* llrs) noexcept
{
    const std::size_t classes = std::size_t{1} << users;
    const bool known = !std::isnan(highest(scores, classes));
    for (std::size_t i = 0; i < users; i++) {
        // Each side is summed relative to its own best class: no underflow.
        float best[2] = {-INFINITY, -INFINITY}, sum[2] = {0, 0};
        for (std::size_t s = 0; s < classes; s++)
            best[s >> i & 1] = std::max(best[s >> i & 1], scores[s]);
        for (std::size_t s = 0; s < classes; s++)
            if (scores[s] > -INFINITY)
                sum[s >> i & 1] += std::exp(scores[s] - best[s >> i & 1]);
        const float llr = best[1] - best[0] + std::log(sum[1]) - std::log(sum[0]);
        llrs[i] = !known                 ? 0.0f
                  : best[1] == -INFINITY ? -limit
                  : best[0] == -INFINITY ? limit
                                         : std::clamp(llr, -limit, limit);
    }
}

void to_bits(std::uint8_t most_probable, std::size_t users, std::uint8_t* bits) noexcept
{
    for (std::size_t i = 0; i < users; i++)
        bits[i] = most_probable >> i & 1;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

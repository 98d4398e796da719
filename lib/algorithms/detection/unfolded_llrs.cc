/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/detection/unfolded_llrs.h"

#include "algorithms/detection/soft_output.h"
#include "kernels/soft_bits.h"
#include <algorithm>
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {
constexpr float least_rho = 1e-30f;
} // namespace

unfolded_llrs::unfolded_llrs(const unfolded_model& model)
    : d_failures(model.failures),
      d_axis_bits(model.bits_per_symbol / 2),
      d_memory(model.users, model.bits_per_symbol)
{
    const soft_output map(model.users, model.bits_per_symbol);
    for (int level = 0; level < map.levels(); level++)
        d_levels[map.axis_bits(level)] = static_cast<float>(2 * level + 1 - map.levels());
}

void unfolded_llrs::find(const float* o,
                         const float* errors,
                         const unfolded_output_terms& terms,
                         float* llrs) noexcept
{
    const std::size_t users = d_memory.users;
    std::copy_n(o, users, d_memory.outputs.data());
    std::copy_n(o + users, users, d_memory.outputs.data() + d_memory.stride);
    std::copy_n(errors, users, d_memory.errors.data());
    kernels::mixture_llrs_law law{
        terms.slope, terms.constant, d_failures.known(), 0.0f, 1.0f, terms.doubt};
    if (law.wide) {
        const float sum = kernels::foreseen_errors(d_axis_bits, law, d_memory);
        const float rho = std::max(sum / static_cast<float>(2 * users), least_rho);
        const auto m = d_failures.at(terms.snr, std::log(rho));
        law.slope *= m.spread;
        law.constant *= m.spread;
        law.log_weight = m.log_weight;
        law.kappa = m.kappa;
        law.share = m.unseen;
    }
    kernels::mixture_llrs({d_axis_bits, d_levels.data()}, law, d_memory);
    kernels::from_rows(
        d_memory.llrs.data(), 2 * d_axis_bits, users, d_memory.stride, llrs);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

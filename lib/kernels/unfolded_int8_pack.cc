/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "kernels/unfolded_int8.h"
#include "kernels/unfolded_quantiser.h"
#include "kernels/unfolded_record.h"
#include <algorithm>
#include <cmath>
#include <cstring>

namespace gr {
namespace fewbit {
namespace kernels {

void unfolded_int8_plan::lay_out() noexcept
{
    constexpr std::size_t line = 64;
    filter_limit = static_cast<int>(std::min<std::size_t>(65408 / inputs, 32767));
    padded = (state_of_user((outputs / 2 + 3) / 4 * 4, false) + 31) / 32 * 32;
    bytes = 0;
    const auto take = [&](std::size_t size) {
        const std::size_t at = bytes;
        bytes += (size + line - 1) / line * line;
        return at;
    };
    filter = take(pair_words(inputs / 2) * 2 * rows() * 4);
    filter_units = take(rows() * 4);
    matrix_sums = take(2 * rows() * 4);
    matrix = take(byte_words(outputs / 2) * 2 * rows() * 4);
    matrix_scales = take(rows() * 4);
    // the input's scale in the same lines as the layers'
    input_scale = take(sizeof(float) + denoisers * sizeof(unfolded_layer));
    layer_scalars = input_scale + sizeof(float);
    step_scalars = take(pgd ? layers * sizeof(unfolded_step) : 0);
    diagonal = take(apart ? padded * 2 : 0);
    gains = take(denoisers * padded * 2);
    errors = take(outputs / 2 * 4);
}

namespace {

constexpr std::size_t stride = channel_solver::lanes;

std::size_t most_words(const unfolded_int8_plan& plan)
{
    return 2 * plan.rows() *
           std::max(pair_words(plan.inputs / 2), byte_words(plan.outputs / 2));
}

} // namespace

std::size_t pack_scratch_floats(const unfolded_int8_plan& plan)
{
    return (most_words(plan) + 3 * plan.rows()) * stride;
}

namespace {

// The scratch as a matrix; what rows up to whole vectors lack is zero.
lane_matrix
matrix_in(const unfolded_int8_plan& plan, const channel_solver::planes& x, float* scratch)
{
    if (x.rows < plan.rows())
        std::fill_n(scratch, pack_scratch_floats(plan), 0.0f);
    float* const sums = scratch + most_words(plan) * stride;
    return {plan.rows(),
            reinterpret_cast<std::int32_t*>(scratch),
            reinterpret_cast<std::int32_t*>(sums),
            sums + 2 * plan.rows() * stride};
}

void deal_floats(const float* values,
                 std::size_t n_values,
                 std::size_t n,
                 std::uint8_t* const* records,
                 std::size_t offset)
{
    deal_words(
        reinterpret_cast<const std::int32_t*>(values), n_values, n, records, offset);
}

float limited(float v, float least, float most)
{
    return v > least ? std::min(v, most) : least; // NaN: the least
}

std::int16_t whole_number(float v, float least)
{
    return static_cast<std::int16_t>(std::nearbyint(limited(v, least, 32767.0f)));
}

void set_pair(std::int16_t (&pair)[2], std::int16_t value) { pair[0] = pair[1] = value; }

// What depends on the noise variance alone.
void pack_scalars(const unfolded_int8_plan& plan,
                  const unfolded_int8_scalars& s,
                  std::uint8_t* record)
{
    // What admm quantises has 2^3 times the state's unit, so that its gains reach 8.
    const int whole = plan.pgd ? 15 : 18;
    const float unit = std::ldexp(1.0f, whole - plan.fraction_bits);
    auto* const layers = record_part<unfolded_layer>(record, plan.layer_scalars);
    for (std::size_t k = 0; k < plan.denoisers; k++) {
        const std::int16_t d = whole_number(unit / s.step[k], 1.0f);
        set_pair(layers[k].step, d);
        layers[k].step_unit = std::ldexp(1.0f, whole) / d;
        if (plan.pgd)
            continue;
        set_pair(layers[k].estimate_gain,
                 whole_number(4096.0f * s.estimate_gain[k], 0.0f));
        set_pair(layers[k].dual_gain, whole_number(4096.0f * s.dual_gain[k], 0.0f));
        set_pair(layers[k].memory, whole_number(32768.0f * s.memory[k], 0.0f));
    }
    auto* const steps = record_part<unfolded_step>(record, plan.step_scalars);
    for (std::size_t k = 0; plan.pgd && k < plan.layers; k++) {
        steps[k].eta = s.eta[k];
        set_pair(steps[k].first_eta, whole_number(16384.0f * s.eta[k], 0.0f));
    }
}

void copy_scalars(const unfolded_int8_plan& plan,
                  const std::uint8_t* from,
                  std::uint8_t* to)
{
    std::memcpy(to + plan.layer_scalars,
                from + plan.layer_scalars,
                plan.denoisers * sizeof(unfolded_layer));
    if (plan.pgd)
        std::memcpy(to + plan.step_scalars,
                    from + plan.step_scalars,
                    plan.layers * sizeof(unfolded_step));
}

// e: int16 in units of 2^-e have 8 to 16 standard deviations of the strongest antenna.
int input_exponent(float energy)
{
    if (!(energy > 0))
        return 40;
    if (!std::isfinite(energy))
        return -40;
    return std::clamp((23 - std::ilogb(energy)) >> 1, -40, 40);
}

void pack_filter(const unfolded_int8_plan& plan,
                 const channel_solver::planes& channel,
                 const channel_solver::planes& filter,
                 const unfolded_int8_scalars* scalars,
                 std::size_t n,
                 std::uint8_t* const* records,
                 float* scratch)
{
    const lane_matrix packed = matrix_in(plan, filter, scratch);
    quantise_pairs(filter, plan.filter_limit, packed);
    deal_words(packed.words,
               2 * plan.rows() * pair_words(filter.columns),
               n,
               records,
               plan.filter);
    float energy[stride], unit[stride] = {};
    find_largest_row(channel, energy);
    const auto of_symbol = static_cast<float>(plan.levels * plan.levels - 1) / 3.0f;
    for (std::size_t l = 0; l < n; l++) {
        const int e = input_exponent(of_symbol * energy[l] + scalars[l].noise_variance);
        *record_part<float>(records[l], plan.input_scale) = std::ldexp(1.0f, e);
        unit[l] = std::ldexp(1.0f, plan.fraction_bits - e);
    }
    // A sum times more than 1 could leave int32, and so it is at most 1.
    scale_rows(unit, plan.rows(), packed.scales);
    deal_floats(packed.scales, plan.rows(), n, records, plan.filter_units);
}

// Up to which scale no float of admm's products leaves int32.
float largest_scale(const unfolded_int8_plan& plan, const std::uint8_t* record)
{
    const auto* const layers = record_part<unfolded_layer>(record, plan.layer_scalars);
    float unit = 1.0f;
    for (std::size_t k = 0; k < plan.denoisers; k++)
        unit = std::max(unit, layers[k].step_unit);
    const auto sum = static_cast<float>(plan.outputs) *
                     static_cast<float>((plan.activation_limit + 1) * plan.matrix_limit);
    return std::ldexp(1.0f, 30) / (sum * unit);
}

// After pack_scalars().
void pack_matrix(const unfolded_int8_plan& plan,
                 const channel_solver::planes& matrix,
                 const float* multiplier,
                 std::size_t n,
                 std::uint8_t* const* records,
                 float* scratch)
{
    const lane_matrix packed = matrix_in(plan, matrix, scratch);
    quantise_bytes(matrix, plan.apart, multiplier, plan.matrix_limit, packed);
    deal_words(packed.words,
               2 * plan.rows() * byte_words(matrix.columns),
               n,
               records,
               plan.matrix);
    deal_words(packed.sums, 2 * plan.rows(), n, records, plan.matrix_sums);
    deal_floats(packed.scales, plan.rows(), n, records, plan.matrix_scales);
    for (std::size_t l = 0; l < n && !plan.pgd; l++) {
        const float most = largest_scale(plan, records[l]);
        float* const scales = record_part<float>(records[l], plan.matrix_scales);
        for (std::size_t i = 0; i < plan.rows(); i++)
            scales[i] = std::min(scales[i], most);
    }
    for (std::size_t i = 0; plan.apart && i < matrix.rows; i++)
        for (std::size_t l = 0; l < n; l++) {
            const float m = std::nearbyint(
                limited(32768.0f * (multiplier[l] * matrix.re[matrix.at(i, i) + l]),
                        -32768.0f,
                        32767.0f));
            auto* const diagonal = record_part<std::int16_t>(records[l], plan.diagonal);
            diagonal[state_of_user(i, false)] = diagonal[state_of_user(i, true)] =
                static_cast<std::int16_t>(m);
        }
}

// Errors and what the denoisers make of them.
void pack_gains(const unfolded_int8_plan& plan,
                const float* errors,
                const unfolded_int8_scalars* scalars,
                std::size_t n,
                std::uint8_t* const* records,
                float* scratch)
{
    const std::size_t users = plan.outputs / 2;
    float* const scaled = scratch;
    for (std::size_t i = 0; i < users; i++)
        for (std::size_t l = 0; l < stride; l++)
            scaled[i * stride + l] =
                scalars[std::min(l, n - 1)].noise_variance * errors[i * stride + l];
    deal_floats(scaled, users, n, records, plan.errors);
    auto* const words = reinterpret_cast<std::int32_t*>(scratch + plan.rows() * stride);
    const bool staircase = plan.denoiser == unfolded_denoiser::staircase;
    float constant[stride], slope[stride];
    const float unit = staircase ? 4096.0f : std::ldexp(1.0f, plan.fraction_bits);
    const lane_gains of{users, scaled, constant, slope, staircase, unit};
    for (std::size_t k = 0; k < plan.denoisers; k++) {
        for (std::size_t l = 0; l < stride; l++) {
            constant[l] = scalars[std::min(l, n - 1)].constant[k];
            slope[l] = scalars[std::min(l, n - 1)].slope[k];
        }
        quantise_gains(of, words);
        deal_words(words,
                   (users + 3) / 4 * 4,
                   n,
                   records,
                   plan.gains + k * plan.padded * sizeof(std::int16_t));
    }
}

} // namespace

void pack_unfolded_int8(const unfolded_int8_plan& plan,
                        const channel_solver::planes& channel,
                        const channel_solver::planes& matrix,
                        const channel_solver::planes& filter,
                        const float* errors,
                        const unfolded_int8_scalars* scalars,
                        std::size_t n,
                        std::uint8_t* const* records,
                        float* scratch) noexcept
{
    float times[stride];
    for (std::size_t l = 0; l < stride; l++)
        times[l] = scalars[std::min(l, n - 1)].matrix_scale;
    for (std::size_t l = 0; l < n; l++)
        if (l > 0 && scalars[l].noise_variance == scalars[l - 1].noise_variance)
            copy_scalars(plan, records[l - 1], records[l]);
        else
            pack_scalars(plan, scalars[l], records[l]);
    pack_filter(plan, channel, filter, scalars, n, records, scratch);
    pack_matrix(plan, matrix, times, n, records, scratch);
    pack_gains(plan, errors, scalars, n, records, scratch);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr

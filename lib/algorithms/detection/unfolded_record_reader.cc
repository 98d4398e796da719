/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/detection/unfolded_record_reader.h"

#include "kernels/unfolded_record.h"
#include <cmath>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

// Parts of a record, as the document orders them.
class record_reader
{
public:
    record_reader(const kernels::unfolded_int8_plan& plan, const std::uint8_t* record)
        : d_plan(plan), d_record(record)
    {
    }

    template <typename T>
    const T* at(std::size_t offset) const
    {
        return kernels::record_part<T>(d_record, offset);
    }

    // [[Re, -Im], [Im, Re]] of words
    template <typename T>
    std::vector<T> matrix(std::size_t offset, std::size_t columns) const
    {
        constexpr std::size_t values = 4 / sizeof(T);
        const std::size_t users = d_plan.outputs / 2, rows = d_plan.rows();
        std::vector<T> found(4 * users * columns);
        for (std::size_t i = 0; i < users; i++)
            for (std::size_t j = 0; j < columns; j++) {
                const T* re =
                    at<T>(offset) + (j / values * 2 * rows + i) * values + j % values;
                const T im = re[rows * values];
                T* const to = found.data() + 2 * i * columns + j;
                T* const below = to + 2 * users * columns;
                to[0] = below[columns] = *re;
                to[columns] = static_cast<T>(-im);
                below[0] = im;
            }
        return found;
    }

    // of complex rows
    std::vector<float> twice(std::size_t offset, float times) const
    {
        std::vector<float> found;
        for (std::size_t i = 0; i < d_plan.outputs; i++)
            found.push_back(times * at<float>(offset)[i % (d_plan.outputs / 2)]);
        return found;
    }

    void states(std::size_t offset, std::vector<std::int16_t>& to) const
    {
        for (std::size_t i = 0; i < d_plan.outputs; i++)
            to.push_back(
                at<std::int16_t>(offset)[kernels::state_of_row(i, d_plan.outputs / 2)]);
    }

private:
    const kernels::unfolded_int8_plan& d_plan;
    const std::uint8_t* d_record;
};

} // namespace

unfolded_channel read_unfolded_record(const kernels::unfolded_int8_plan& plan,
                                      const std::uint8_t* bytes)
{
    const record_reader record(plan, bytes);
    unfolded_channel c;
    c.matrix = record.matrix<std::int8_t>(plan.matrix, plan.outputs / 2);
    c.filter = record.matrix<std::int16_t>(plan.filter, plan.inputs / 2);
    c.matrix_scale = record.twice(plan.matrix_scales, 1.0f);
    c.exponent = std::ilogb(*record.at<float>(plan.input_scale));
    c.filter_scale = record.twice(plan.filter_units,
                                  std::ldexp(1.0f, c.exponent - plan.fraction_bits));
    if (plan.apart)
        record.states(plan.diagonal, c.diagonal);
    for (std::size_t k = 0; k < plan.denoisers; k++)
        record.states(plan.gains + 2 * k * plan.padded, c.gains);
    const auto* layers = record.at<kernels::unfolded_layer>(plan.layer_scalars);
    for (std::size_t k = 0; k < plan.denoisers; k++)
        c.steps.push_back(layers[k].step[0]);
    if (!plan.pgd)
        for (const auto of : {&kernels::unfolded_layer::estimate_gain,
                              &kernels::unfolded_layer::dual_gain,
                              &kernels::unfolded_layer::memory})
            for (std::size_t k = 0; k < plan.denoisers; k++)
                c.layer_gains.push_back((layers[k].*of)[0]);
    for (std::size_t k = 0; plan.pgd && k < plan.layers; k++)
        c.etas.push_back(record.at<kernels::unfolded_step>(plan.step_scalars)[k].eta);
    return c;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

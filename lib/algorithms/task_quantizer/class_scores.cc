/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/class_scores.h"

#include "kernels/class_answers.h"
#include "kernels/columns.h"
#include <algorithm>
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

void class_scores::set_rows(const float* rows, std::size_t n) noexcept
{
    kernels::rows_into_columns(rows, n, classes(), d_scores, d_columns);
}

void class_scores::classes(std::size_t n, std::uint8_t* found) const noexcept
{
    std::uint8_t all[max_columns];
    kernels::best_classes(d_scores, d_columns, classes(), all);
    std::copy_n(all, n, found);
}

void class_scores::bits(std::size_t n, std::uint8_t* bits) const noexcept
{
    std::uint8_t all[max_columns];
    kernels::best_classes(d_scores, d_columns, classes(), all);
    for (std::size_t v = 0; v < n; v++)
        to_bits(all[v], d_users, bits + v * d_users);
}

void class_scores::llrs(std::size_t n, float limit, float* llrs) const noexcept
{
    alignas(64) float columns[max_users * max_columns];
    kernels::llr_columns(d_scores, d_columns, d_users, limit, columns);
    kernels::columns_into_rows(columns, d_columns, n, d_users, llrs);
}

void class_scores::posteriors(std::size_t n, float* p) noexcept
{
    kernels::softmax_columns(d_scores, d_columns, classes());
    kernels::columns_into_rows(d_scores, d_columns, n, classes(), p);
}

void to_means(float* llrs, std::size_t n) noexcept
{
    for (std::size_t i = 0; i < n; i++)
        llrs[i] = -std::tanh(0.5f * llrs[i]);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

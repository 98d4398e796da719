/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/columns.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/columns.h"
#include "kernels/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

void into_columns(const float* rows,
                  std::size_t n_rows,
                  std::size_t length,
                  float* columns,
                  std::size_t stride)
{
    const std::size_t lanes = hn::Lanes(float_lanes());
    std::size_t r = 0;
    for (; r + lanes <= n_rows; r += lanes)
        rows_to_columns(rows + r * length, length, columns + r, stride);
    for (std::size_t i = 0; i < length; i++)
        for (std::size_t left = r; left < stride; left++)
            columns[i * stride + left] = left < n_rows ? rows[left * length + i] : 0.0f;
}

void into_rows(const float* columns,
               std::size_t stride,
               std::size_t n_rows,
               std::size_t length,
               float* rows)
{
    const std::size_t lanes = hn::Lanes(float_lanes());
    std::size_t r = 0;
    for (; r + lanes <= n_rows; r += lanes)
        columns_to_rows(columns + r, stride, length, rows + r * length);
    for (; r < n_rows; r++)
        for (std::size_t i = 0; i < length; i++)
            rows[r * length + i] = columns[i * stride + r];
}

void quantize(const column_adcs& bank, float* z, std::size_t stride)
{
    const float_lanes d;
    const float *t = bank.thresholds.data(), *value = bank.values.data();
    for (std::size_t adc = 0; adc < bank.levels.size(); adc++, z += stride) {
        const auto gain = hn::Set(d, bank.gain[adc]);
        const unsigned m = bank.levels[adc];
        for (std::size_t at = 0; at < stride; at += hn::Lanes(d)) {
            const auto in = hn::Mul(gain, hn::Load(d, z + at));
            auto level = hn::Set(d, value[0]);
            for (unsigned i = 0; i + 1 < m; i++)
                level = hn::IfThenElse(
                    hn::Le(hn::Set(d, t[i]), in), hn::Set(d, value[i + 1]), level);
            hn::Store(level, d, z + at);
        }
        t += m - 1;
        value += m;
    }
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace kernels
} // namespace fewbit
} // namespace gr
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gr {
namespace fewbit {
namespace kernels {

HWY_EXPORT(into_columns);
HWY_EXPORT(into_rows);
HWY_EXPORT(quantize);

void rows_into_columns(const float* rows,
                       std::size_t n_rows,
                       std::size_t length,
                       float* columns,
                       std::size_t stride) noexcept
{
    HWY_DYNAMIC_DISPATCH(into_columns)(rows, n_rows, length, columns, stride);
}

void columns_into_rows(const float* columns,
                       std::size_t stride,
                       std::size_t n_rows,
                       std::size_t length,
                       float* rows) noexcept
{
    HWY_DYNAMIC_DISPATCH(into_rows)(columns, stride, n_rows, length, rows);
}

void quantize_columns(const column_adcs& bank, float* z, std::size_t stride) noexcept
{
    HWY_DYNAMIC_DISPATCH(quantize)(bank, z, stride);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

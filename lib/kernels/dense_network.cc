/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Vectors whose length the compiler does not know cannot be kept in arrays, as the sums below are;
// processors that have them run the fixed-length kernel.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/dense_network.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/dense_network.h"
#include "kernels/transpose-inl.h"
#include <algorithm>

#ifndef FEWBIT_DENSE_NETWORK_ONCE
#define FEWBIT_DENSE_NETWORK_ONCE
namespace gr {
namespace fewbit {
namespace kernels {
namespace {

// Outputs that are computed together when this many are left: 6, or 4, 3, 2, 1 at the
// end. The widths in use, 16, 24, 32 and 3, 4, 6, 8, come out in sixes, fours and threes.
constexpr std::size_t outputs_together(std::size_t left)
{
    return left % 6 == 0 ? 6 : std::min<std::size_t>(left, 4);
}

constexpr std::size_t most_vectors = 4; // of columns that pass through together
constexpr std::size_t most_lanes = 16;

} // namespace
} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

using float_tag = float_lanes;
using floats = hn::Vec<float_tag>;

// With 32 registers a block of 4 vectors x 6 outputs fits, with 16 one of 2 x 6: 12 sums,
// 2 inputs, a weight, and 8 loads for 12 multiply-adds.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr std::size_t group_vectors = 4;
#else
constexpr std::size_t group_vectors = 2;
#endif

// O outputs of V vectors of columns; returns the weights' end.
template <std::size_t V, std::size_t O>
HWY_INLINE const float* outputs(const float* HWY_RESTRICT packed,
                                std::size_t inputs,
                                const float* HWY_RESTRICT x,
                                std::size_t x_stride,
                                float* HWY_RESTRICT y,
                                std::size_t y_stride,
                                bool relu)
{
    const float_tag d;
    const std::size_t lanes = hn::Lanes(d);
    floats sums[O][V];
#pragma GCC unroll 8
    for (std::size_t o = 0; o < O; o++)
#pragma GCC unroll 8
        for (std::size_t v = 0; v < V; v++)
            sums[o][v] = hn::Set(d, packed[o]);
    packed += O;

    for (std::size_t i = 0; i < inputs; i++, packed += O, x += x_stride) {
        floats in[V];
#pragma GCC unroll 8
        for (std::size_t v = 0; v < V; v++)
            in[v] = hn::Load(d, x + v * lanes);
#pragma GCC unroll 8
        for (std::size_t o = 0; o < O; o++) {
            const auto weight = hn::Set(d, packed[o]);
#pragma GCC unroll 8
            for (std::size_t v = 0; v < V; v++)
                sums[o][v] = hn::MulAdd(weight, in[v], sums[o][v]);
        }
    }

    if (relu) { // 0 for NaN, whatever Max() makes of it
#pragma GCC unroll 8
        for (std::size_t o = 0; o < O; o++)
#pragma GCC unroll 8
            for (std::size_t v = 0; v < V; v++)
                sums[o][v] =
                    hn::IfThenElseZero(hn::Gt(sums[o][v], hn::Zero(d)), sums[o][v]);
    }
#pragma GCC unroll 8
    for (std::size_t o = 0; o < O; o++)
#pragma GCC unroll 8
        for (std::size_t v = 0; v < V; v++)
            hn::Store(sums[o][v], d, y + o * y_stride + v * lanes);
    return packed;
}

template <std::size_t V>
void run_layer(const dense_network::layer& layer,
               const float* packed,
               const float* x,
               std::size_t x_stride,
               float* y,
               std::size_t y_stride,
               bool relu)
{
    const std::size_t inputs = layer.inputs;
    for (std::size_t left = layer.outputs; left > 0;) {
        const std::size_t together = outputs_together(left);
        switch (together) {
        case 6:
            packed = outputs<V, 6>(packed, inputs, x, x_stride, y, y_stride, relu);
            break;
        case 4:
            packed = outputs<V, 4>(packed, inputs, x, x_stride, y, y_stride, relu);
            break;
        case 3:
            packed = outputs<V, 3>(packed, inputs, x, x_stride, y, y_stride, relu);
            break;
        case 2:
            packed = outputs<V, 2>(packed, inputs, x, x_stride, y, y_stride, relu);
            break;
        default:
            packed = outputs<V, 1>(packed, inputs, x, x_stride, y, y_stride, relu);
        }
        y += together * y_stride;
        left -= together;
    }
}

// All layers of V vectors of columns. Activations go back and forth between the scratch's
// halves.
template <std::size_t V>
void run_group(const dense_network::layer* layers,
               std::size_t n_layers,
               const float* packed,
               const float* in,
               float* out,
               std::size_t stride,
               float* scratch,
               std::size_t half)
{
    const std::size_t columns = V * hn::Lanes(float_tag());
    const float* x = in;
    std::size_t x_stride = stride;
    for (std::size_t i = 0; i < n_layers; i++) {
        const bool last = i + 1 == n_layers;
        float* y = last ? out : scratch + (i % 2) * half;
        const std::size_t y_stride = last ? stride : columns;
        run_layer<V>(
            layers[i], packed + layers[i].offset, x, x_stride, y, y_stride, !last);
        x = y;
        x_stride = y_stride;
    }
}

// use(how many, first) for so many vectors, a few at a time: at most `most`.
template <class Use>
void in_groups(std::size_t vectors, std::size_t most, Use use)
{
    std::size_t at = 0;
    if (most >= group_vectors)
        for (; at + group_vectors <= vectors; at += group_vectors)
            use(std::integral_constant<std::size_t, group_vectors>(), at);
    if (most >= 3 && vectors - at == 3) {
        use(std::integral_constant<std::size_t, 3>(), at);
        return;
    }
    if (most >= 2 && vectors - at == 2) {
        use(std::integral_constant<std::size_t, 2>(), at);
        return;
    }
    for (; at < vectors; at++)
        use(std::integral_constant<std::size_t, 1>(), at);
}

void run_network(const dense_network::layer* layers,
                 std::size_t n_layers,
                 const float* packed,
                 const float* in,
                 float* out,
                 std::size_t columns,
                 std::size_t stride,
                 float* scratch,
                 std::size_t half)
{
    const std::size_t lanes = hn::Lanes(float_tag());
    const auto run = [&](auto group, std::size_t vector) {
        const std::size_t at = vector * lanes;
        run_group<decltype(group)::value>(
            layers, n_layers, packed, in + at, out + at, stride, scratch, half);
    };
    in_groups((columns + lanes - 1) / lanes, group_vectors, run);
}

// One group of columns that are rows in memory; of the last of them, only n are there.
template <std::size_t V>
void run_row_group(const dense_network::layer* layers,
                   std::size_t n_layers,
                   const float* packed,
                   const float* x,
                   float* y,
                   std::size_t n,
                   const dense_network::row_scratch& scratch)
{
    const std::size_t lanes = hn::Lanes(float_tag()), columns = V * lanes;
    const std::size_t inputs = layers[0].inputs, outputs = layers[n_layers - 1].outputs;
    float* const in = scratch.in;
    const std::size_t whole = n / lanes; // vectors of which every lane is there
    if (n < columns)
        std::fill_n(in, inputs * columns, 0.0f);
    for (std::size_t v = 0; v < whole; v++)
        rows_to_columns(x + v * lanes * inputs, inputs, in + v * lanes, columns);
    for (std::size_t r = whole * lanes; r < n; r++)
        for (std::size_t i = 0; i < inputs; i++)
            in[i * columns + r] = x[r * inputs + i];

    run_group<V>(
        layers, n_layers, packed, in, scratch.out, columns, scratch.hidden, scratch.half);

    for (std::size_t v = 0; v < whole; v++)
        columns_to_rows(
            scratch.out + v * lanes, columns, outputs, y + v * lanes * outputs);
    for (std::size_t r = whole * lanes; r < n; r++)
        for (std::size_t o = 0; o < outputs; o++)
            y[r * outputs + o] = scratch.out[o * columns + r];
}

// V vectors of outputs of one row, which lie in the lanes here; the same sums in the same order.
template <std::size_t V>
HWY_INLINE void outputs_of_row(const float* HWY_RESTRICT by_input,
                               std::size_t stride,
                               std::size_t inputs,
                               const float* HWY_RESTRICT x,
                               float* HWY_RESTRICT y,
                               bool relu)
{
    const float_tag d;
    const std::size_t lanes = hn::Lanes(d);
    floats sums[V];
#pragma GCC unroll 8
    for (std::size_t v = 0; v < V; v++)
        sums[v] = hn::Load(d, by_input + v * lanes); // the biases
    for (std::size_t i = 0; i < inputs; i++) {
        by_input += stride;
        const floats in = hn::Set(d, x[i]);
#pragma GCC unroll 8
        for (std::size_t v = 0; v < V; v++)
            sums[v] = hn::MulAdd(hn::Load(d, by_input + v * lanes), in, sums[v]);
    }
#pragma GCC unroll 8
    for (std::size_t v = 0; v < V; v++) {
        if (relu)
            sums[v] = hn::IfThenElseZero(hn::Gt(sums[v], hn::Zero(d)), sums[v]);
        hn::Store(sums[v], d, y + v * lanes);
    }
}

// All layers of a few rows, one by one. Activations go back and forth between two halves of
// scratch.
void run_few_rows(const dense_network::layer* layers,
                  std::size_t n_layers,
                  const float* by_input,
                  const float* x,
                  float* y,
                  std::size_t n_rows,
                  float* scratch)
{
    const std::size_t lanes = hn::Lanes(float_tag());
    const std::size_t outputs = layers[n_layers - 1].outputs;
    std::size_t half = 0;
    for (std::size_t i = 0; i < n_layers; i++)
        half = std::max(half, aligned_stride(layers[i].outputs));
    for (std::size_t r = 0; r < n_rows; r++, x += layers[0].inputs, y += outputs) {
        const float* from = x;
        for (std::size_t i = 0; i < n_layers; i++) {
            const std::size_t inputs = layers[i].inputs;
            const std::size_t stride = aligned_stride(layers[i].outputs);
            const float* weights = by_input + layers[i].offset_by_input;
            float* const to = scratch + i % 2 * half;
            const bool relu = i + 1 < n_layers;
            std::size_t o = 0;
            for (; o + 4 * lanes <= stride; o += 4 * lanes)
                outputs_of_row<4>(weights + o, stride, inputs, from, to + o, relu);
            for (; o < stride; o += lanes)
                outputs_of_row<1>(weights + o, stride, inputs, from, to + o, relu);
            from = to;
        }
        std::copy_n(from, outputs, y);
    }
}

void run_rows_of_network(const dense_network::layer* layers,
                         std::size_t n_layers,
                         const float* packed,
                         const float* x,
                         float* y,
                         std::size_t n_rows,
                         const dense_network::row_scratch& scratch)
{
    const std::size_t lanes = hn::Lanes(float_tag());
    const std::size_t inputs = layers[0].inputs, outputs = layers[n_layers - 1].outputs;
    const auto run = [&](auto group, std::size_t vector) {
        const std::size_t first = vector * lanes;
        run_row_group<decltype(group)::value>(
            layers,
            n_layers,
            packed,
            x + first * inputs,
            y + first * outputs,
            std::min(decltype(group)::value * lanes, n_rows - first),
            scratch);
    };
    in_groups((n_rows + lanes - 1) / lanes, scratch.columns / lanes, run);
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

HWY_EXPORT(run_network);
HWY_EXPORT(run_rows_of_network);
HWY_EXPORT(run_few_rows);

void dense_network::add_layer(const float* weight,
                              const float* bias,
                              std::size_t inputs,
                              std::size_t outputs)
{
    if (!d_layers.empty())
        d_widest_hidden = std::max(d_widest_hidden, d_layers.back().outputs);
    d_layers.push_back({inputs, outputs, d_packed.size(), d_by_input.size()});
    d_packed.resize(d_packed.size() + outputs * (inputs + 1));
    d_by_input.resize(d_by_input.size() + aligned_stride(outputs) * (inputs + 1));
    pack(d_layers.back(), weight, bias);
}

void dense_network::replace_layer(std::size_t layer,
                                  const float* weight,
                                  const float* bias) noexcept
{
    pack(d_layers[layer], weight, bias);
}

void dense_network::pack(const layer& one,
                         const float* weight,
                         const float* bias) noexcept
{
    float* packed = d_packed.data() + one.offset;
    for (std::size_t first = 0; first < one.outputs;) {
        const std::size_t together = outputs_together(one.outputs - first);
        packed = std::copy(bias + first, bias + first + together, packed);
        for (std::size_t i = 0; i < one.inputs; i++)
            for (std::size_t o = 0; o < together; o++)
                *packed++ = weight[(first + o) * one.inputs + i];
        first += together;
    }
    float* by_input = d_by_input.data() + one.offset_by_input;
    const std::size_t stride = aligned_stride(one.outputs);
    std::copy_n(bias, one.outputs, by_input);
    for (std::size_t i = 0; i < one.inputs; i++)
        for (std::size_t o = 0; o < one.outputs; o++)
            by_input[(i + 1) * stride + o] = weight[o * one.inputs + i];
}

std::size_t dense_network::scratch_floats() const
{
    return scratch_floats(most_vectors * most_lanes);
}

std::size_t dense_network::scratch_floats(std::size_t columns) const
{
    const std::size_t together =
        std::min(aligned_stride(columns), most_vectors * most_lanes);
    return 2 * d_widest_hidden * together;
}

void dense_network::run(const float* in,
                        float* out,
                        std::size_t columns,
                        std::size_t stride,
                        float* scratch) const noexcept
{
    HWY_DYNAMIC_DISPATCH(run_network)
    (d_layers.data(),
     d_layers.size(),
     d_packed.data(),
     in,
     out,
     columns,
     stride,
     scratch,
     scratch_floats(columns) / 2);
}

std::size_t dense_network::row_scratch_floats(std::size_t columns) const
{
    const std::size_t ends = d_layers.front().inputs + d_layers.back().outputs;
    return ends * columns + scratch_floats(columns);
}

void dense_network::run_rows(const float* x,
                             float* y,
                             std::size_t n_rows,
                             std::size_t columns,
                             float* scratch) const noexcept
{
    if (n_rows <= few_rows)
        return HWY_DYNAMIC_DISPATCH(run_few_rows)(
            d_layers.data(), d_layers.size(), d_by_input.data(), x, y, n_rows, scratch);
    float* const out = scratch + d_layers.front().inputs * columns;
    float* const hidden = out + d_layers.back().outputs * columns;
    HWY_DYNAMIC_DISPATCH(run_rows_of_network)
    (d_layers.data(),
     d_layers.size(),
     d_packed.data(),
     x,
     y,
     n_rows,
     {columns, scratch, out, hidden, scratch_floats(columns) / 2});
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_DENSE_NETWORK_H
#define INCLUDED_FEWBIT_KERNELS_DENSE_NETWORK_H

#include "aligned_vector.h"
#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace kernels {

/*!
 * \brief A small network of dense layers with ReLU between them, run on many columns at
 * once.
 *
 *     x_0 = input,  x_{i+1} = max(W_i x_i + b_i, 0),  output = W_last x_last + b_last
 *
 * Every column (a subcarrier) has its own x; columns lie in the lanes of a vector, so
 * that weights are broadcast and no sum runs across lanes. A few vectors of columns pass
 * through all layers before the next ones do: activations and weights then stay in the
 * first-level cache.
 *
 * Sums run over the inputs in ascending order from the bias, in float32; with fused
 * multiply-add where the instruction set has it, hence results differ by rounding between
 * sets.
 */
class dense_network
{
public:
    dense_network() = default;

    //! Add a layer: \p weight [outputs][inputs] and \p bias [outputs], row-major; both
    //! are copied.
    void add_layer(const float* weight,
                   const float* bias,
                   std::size_t inputs,
                   std::size_t outputs);

    //! Other values, of the same shape, for a layer that is there; no allocation.
    void
    replace_layer(std::size_t layer, const float* weight, const float* bias) noexcept;

    //! Floats that run() needs for scratch, aligned, for any number of columns ...
    std::size_t scratch_floats() const;
    //! ... and for so many columns at once.
    std::size_t scratch_floats(std::size_t columns) const;

    /*! \brief Run \p columns columns.
     *
     * \param in rows of \p stride floats, one row for each input of the first layer,
     * aligned
     * \param out the same for the outputs of the last one; may not overlap \p in
     * \param columns at most \p stride; columns up to the next whole vector are read and
     * written
     * \param stride aligned_stride() of something
     * \param scratch scratch_floats(columns) floats, aligned
     */
    void run(const float* in,
             float* out,
             std::size_t columns,
             std::size_t stride,
             float* scratch) const noexcept;

    //! Floats that run_rows() needs for scratch, aligned.
    std::size_t row_scratch_floats(std::size_t columns) const;

    //! So few rows are run one by one.
    static constexpr std::size_t few_rows = 7;

    /*! \brief Run \p n_rows columns that lie in memory one after another: they are turned
     * over a few at a time, in the first-level cache. The same results as run().
     *
     * \param x [n_rows][inputs]
     * \param y [n_rows][outputs]; may not overlap \p x
     * \param columns that pass through together at most: 16, or 64 for speed
     * \param scratch row_scratch_floats(columns) floats, aligned
     */
    void run_rows(const float* x,
                  float* y,
                  std::size_t n_rows,
                  std::size_t columns,
                  float* scratch) const noexcept;

    //! Where run_rows() keeps a group of columns.
    struct row_scratch {
        std::size_t columns;
        float* in;
        float* out;
        float* hidden; // two halves
        std::size_t half;
    };

    //! A layer as the kernel reads it.
    struct layer {
        std::size_t inputs;
        std::size_t outputs;
        std::size_t offset;          // of its weights in d_packed
        std::size_t offset_by_input; // and in d_by_input
    };

private:
    void pack(const layer& one, const float* weight, const float* bias) noexcept;

    std::vector<layer> d_layers;
    std::size_t d_widest_hidden = 0; // of the layers that write to scratch
    // Of each block of outputs that is computed together: its biases, then for each input
    // its weights; so the kernel reads from front to back.
    aligned_vector<float> d_packed;
    // The biases, then for each input the weights of all outputs, aligned_stride() apart: for a
    // few rows, whose outputs lie in the lanes.
    aligned_vector<float> d_by_input;
};

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_DENSE_NETWORK_H */

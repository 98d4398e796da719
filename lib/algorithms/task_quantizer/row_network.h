/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_ROW_NETWORK_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_ROW_NETWORK_H

#include "kernels/dense_network.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/dense_layer.h>
#include <cstddef>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*! \brief Refuse layers that are no network: none or too many, shapes that do not follow one
 * another, values that are not finite.
 * \param who begins the sentence
 * \throws std::invalid_argument
 */
void check_layers(const std::string& who, const std::vector<dense_layer>& layers);

/*!
 * \brief A dense network (ReLU between layers) on vectors that lie in memory one after
 * another. The kernel wants them side by side, so a few at a time are turned over on the
 * stack.
 */
class row_network
{
public:
    static constexpr std::size_t max_width = 1024;
    static constexpr std::size_t max_layers = 8;

    row_network() = default;
    explicit row_network(const std::vector<dense_layer>& layers);

    //! \p x [n_vectors][inputs] to \p y [n_vectors][outputs]; they may not overlap.
    void run(const float* x, std::size_t n_vectors, float* y) const noexcept;

    //! Other values for the only layer of a network of one; no allocation.
    void replace_layer(const float* weight, const float* bias) noexcept;

private:
    template <std::size_t Columns>
    void run_columns(const float* x, std::size_t n_vectors, float* y) const noexcept;

    kernels::dense_network d_network;
    std::size_t d_inputs = 0;
    std::size_t d_outputs = 0;
    std::size_t d_widest = 0;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_ROW_NETWORK_H */

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
 * another. Its memory is on the stack.
 */
class row_network
{
public:
    static constexpr std::size_t max_width = 1024;
    static constexpr std::size_t max_layers = 8;
    static constexpr std::size_t narrow = 256; // up to here 64 vectors pass together

    row_network() = default;
    explicit row_network(const std::vector<dense_layer>& layers);

    //! \p x [n_vectors][inputs] to \p y [n_vectors][outputs]; they may not overlap.
    void run(const float* x, std::size_t n_vectors, float* y) const noexcept;

    //! The same for at most \p stride vectors, but \p y lies in columns [outputs][stride],
    //! aligned; those from n_vectors up are of no meaning.
    void run_into_columns(const float* x,
                          std::size_t n_vectors,
                          float* y,
                          std::size_t stride) const noexcept;
    //! The stride for so many vectors: 64, or 16 for few of them or a wide network.
    std::size_t columns_for(std::size_t n_vectors) const noexcept
    {
        return n_vectors > 16 && d_widest <= narrow ? 64 : 16;
    }

    //! Other values for the only layer of a network of one; no allocation.
    void replace_layer(const float* weight, const float* bias) noexcept;

    std::size_t inputs() const noexcept { return d_inputs; }
    std::size_t outputs() const noexcept { return d_outputs; }
    std::size_t widest() const noexcept { return d_widest; }
    const kernels::dense_network& network() const noexcept { return d_network; }

private:
    kernels::dense_network d_network;
    std::size_t d_inputs = 0;
    std::size_t d_outputs = 0;
    std::size_t d_widest = 0;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_ROW_NETWORK_H */

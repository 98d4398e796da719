/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_SMALL_COMBINER_H
#define INCLUDED_FEWBIT_KERNELS_SMALL_COMBINER_H

#include "aligned_vector.h"
#include <cstddef>

namespace gr {
namespace fewbit {
namespace kernels {

/*!
 * \brief A small linear map, z_d = gain_d (b_d + W_d0 x_0 + W_d1 x_1 + ...), summed from left
 * to right in float32 with each product rounded: the same bits from every instruction set.
 *
 * Vectors lie in lanes: rows are turned over as they are read, so that no sum runs across
 * lanes.
 */
class small_combiner
{
public:
    static constexpr std::size_t max_inputs = 1024;
    static constexpr std::size_t max_outputs = 1024;

    small_combiner() = default;
    //! \p weight [outputs][inputs], \p bias and \p gain [outputs]; all are copied.
    small_combiner(const float* weight,
                   const float* bias,
                   const float* gain,
                   std::size_t inputs,
                   std::size_t outputs);

    //! \p x [n_vectors][inputs] to \p z [n_vectors][outputs].
    void combine(const float* x, std::size_t n_vectors, float* z) const noexcept;

    //! How the kernel reads the map.
    struct packed_map {
        std::size_t inputs = 0;
        std::size_t outputs = 0;
        bool has_gains = false; // other than 1
        // Of each four outputs (or what is left): their biases, for each input their weights,
        // their gains.
        aligned_vector<float> values;
    };
    const packed_map& map() const noexcept { return d_map; }

private:
    packed_map d_map;
};

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_SMALL_COMBINER_H */

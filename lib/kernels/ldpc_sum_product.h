/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_LDPC_SUM_PRODUCT_H
#define INCLUDED_FEWBIT_KERNELS_LDPC_SUM_PRODUCT_H

#include "kernels/ldpc_graph.h"
#include <hwy/aligned_allocator.h>
#include <cstddef>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace kernels {

//! Lanes that a float vector of any instruction set may have here, and so the slack of
//! its buffers.
constexpr std::size_t ldpc_float_lanes = 16;

/*! \brief Memory of the float sum-product decoder, for one graph and one thread.
 *
 * A column is kept twice in a row, so that a rotation is one unaligned load.
 */
struct ldpc_sum_product_memory {
    explicit ldpc_sum_product_memory(const ldpc_graph& graph);
    std::size_t column_stride;                    // 2 Z and slack
    std::size_t edge_stride;                      // Z and slack
    hwy::AlignedFreeUniquePtr<float[]> channel;   // [columns][edge_stride]
    hwy::AlignedFreeUniquePtr<float[]> posterior; // [columns][column_stride]
    hwy::AlignedFreeUniquePtr<float[]> sums;      // [columns][column_stride]
    hwy::AlignedFreeUniquePtr<float[]> messages;  // [edges][edge_stride], check to bit
    hwy::AlignedFreeUniquePtr<float[]> row_unreliable; // [max_degree][lanes]
    hwy::AlignedFreeUniquePtr<float[]> row_prefix;     // [max_degree][lanes]
    hwy::AlignedFreeUniquePtr<float[]> row_sign;       // [max_degree][lanes]
};

/*! \brief Belief propagation with a flooding schedule, in float.
 *
 * \param llrs graph.bits() LLRs, positive = bit 1, any float (NaN = 0, magnitudes cut at
 * 80)
 * \param bits receives graph.bits() hard decisions; an undecided bit (0) is called 1
 */
ldpc_outcome ldpc_sum_product(const ldpc_graph& graph,
                              ldpc_sum_product_memory& memory,
                              const float* llrs,
                              std::size_t max_iterations,
                              std::uint8_t* bits) noexcept;

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_LDPC_SUM_PRODUCT_H */

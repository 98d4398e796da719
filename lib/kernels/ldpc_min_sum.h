/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_LDPC_MIN_SUM_H
#define INCLUDED_FEWBIT_KERNELS_LDPC_MIN_SUM_H

#include "kernels/ldpc_graph.h"
#include <hwy/aligned_allocator.h>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace kernels {

//! Lanes that an int8 vector of any instruction set may have here, and so the slack of
//! its buffers.
constexpr std::size_t ldpc_int8_lanes = 32;

constexpr float ldpc_steps_per_llr = 2.5f; // an LLR of 1 is 2.5 steps
constexpr int ldpc_largest_channel = 17;   // steps, of what comes from the channel
constexpr int ldpc_largest_message = 25; // steps, before the offset; posteriors reach 127
constexpr int ldpc_message_offset = 1;   // steps that the minimum is lessened by

/*! \brief Memory of the layered int8 decoder, for one graph and one thread.
 *
 * A column is kept twice in a row, rotated as the last base row that touched it wanted
 * it: the next base row then reads it with one unaligned load at the difference of the
 * two shifts.
 */
struct ldpc_min_sum_memory {
    explicit ldpc_min_sum_memory(const ldpc_graph& graph);
    std::vector<std::size_t>
        turn; // of each edge: its shift less the one before in its column
    std::vector<std::size_t>
        look; // of each edge: its shift less the last one of its column
    std::vector<std::size_t> resting; // of each column: the shift of its last edge
    std::size_t column_stride;        // 2 Z and slack
    std::size_t edge_stride;          // Z and slack
    hwy::AlignedFreeUniquePtr<std::int8_t[]> channel;   // [bits] and slack
    hwy::AlignedFreeUniquePtr<std::int8_t[]> posterior; // [columns][column_stride]
    hwy::AlignedFreeUniquePtr<std::int8_t[]>
        messages;                                 // [edges][edge_stride], check to bit
    hwy::AlignedFreeUniquePtr<std::int8_t[]> row; // [max_degree + 3][edge_stride]
};

/*! \brief Layered offset min-sum on int8; the same bits on every instruction set.
 *
 * \param llrs graph.bits() LLRs, positive = bit 1, any float (NaN = 0)
 * \param bits receives graph.bits() hard decisions; an undecided bit (0) is called 1
 */
ldpc_outcome ldpc_min_sum(const ldpc_graph& graph,
                          ldpc_min_sum_memory& memory,
                          const float* llrs,
                          std::size_t max_iterations,
                          std::uint8_t* bits) noexcept;

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_LDPC_MIN_SUM_H */

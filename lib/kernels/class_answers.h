/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_CLASS_ANSWERS_H
#define INCLUDED_FEWBIT_KERNELS_CLASS_ANSWERS_H

#include <cstddef>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace kernels {

// What follows from the scores of 2^k classes: log-probabilities up to a constant. Scores lie
// in columns, [class][stride], aligned, stride a multiple of 16. Bit i of a class, least
// significant first, is user i's. Scores of which one is NaN or +infinity, or all of which are
// -infinity, say nothing: class 0, equal probabilities, LLRs of 0.

constexpr std::size_t most_answer_classes = 256;

//! The class of the highest score, the lowest number where equal, of every column [stride].
void best_classes(const float* scores,
                  std::size_t stride,
                  std::size_t classes,
                  std::uint8_t* found) noexcept;

//! Softmax, in place; what is 87 below the highest score or less becomes 0.
void softmax_columns(float* scores, std::size_t stride, std::size_t classes) noexcept;

//! log P(b_i = 1) / P(b_i = 0) of each user, clipped to +-limit <= 64, to llrs
//! [users][stride].
void llr_columns(const float* scores,
                 std::size_t stride,
                 std::size_t users,
                 float limit,
                 float* llrs) noexcept;

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_CLASS_ANSWERS_H */

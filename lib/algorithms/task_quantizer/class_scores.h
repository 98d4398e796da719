/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_CLASS_SCORES_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_CLASS_SCORES_H

#include <cstddef>
#include <cstdint>

// What follows from the scores of 2^k classes: log-probabilities up to a constant. Bit i of
// a class, least significant first, is user i's. Scores of which one is NaN or +infinity,
// or all of which are -infinity, say nothing: class 0, equal probabilities, LLRs of 0.

namespace gr {
namespace fewbit {
namespace algorithms {

//! The class of the highest score, the lowest number where equal.
std::uint8_t most_probable(const float* scores, std::size_t classes) noexcept;

//! Softmax [classes].
void to_posteriors(const float* scores, std::size_t classes, float* p) noexcept;

//! log P(b_i = 1) / P(b_i = 0) of each user [users], clipped to +-limit.
void to_llrs(const float* scores, std::size_t users, float limit, float* llrs) noexcept;

//! The class' bits [users], a byte each.
void to_bits(std::uint8_t most_probable, std::size_t users, std::uint8_t* bits) noexcept;

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_CLASS_SCORES_H */

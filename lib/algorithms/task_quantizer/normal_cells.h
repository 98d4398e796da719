/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_NORMAL_CELLS_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_NORMAL_CELLS_H

namespace gr {
namespace fewbit {
namespace algorithms {

//! log Q(x), Q(x) = P(N(0, 1) > x), to a relative 1e-13 anywhere; x may be infinite.
double log_normal_tail(double x) noexcept;

//! x of log Q(x) = log_p, for log_p <= log(1/2).
double normal_quantile(double log_p) noexcept;

//! log [Phi(upper) - Phi(lower)], the probability of a cell; -infinity if upper <= lower.
double log_normal_cell(double lower, double upper) noexcept;

//! Phi(upper) - Phi(lower) without the loss of digits in the upper tail.
double normal_cell(double lower, double upper) noexcept;

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_NORMAL_CELLS_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_FINITE_ROWS_H
#define INCLUDED_FEWBIT_KERNELS_FINITE_ROWS_H

#include <cstddef>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace kernels {

//! Which rows [n][length] hold finite numbers alone: 1, else 0.
void finite_rows(const float* rows,
                 std::size_t n,
                 std::size_t length,
                 std::uint8_t* finite) noexcept;

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_FINITE_ROWS_H */

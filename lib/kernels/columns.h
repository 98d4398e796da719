/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_COLUMNS_H
#define INCLUDED_FEWBIT_KERNELS_COLUMNS_H

#include "aligned_vector.h"
#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace kernels {

// Vectors side by side: entry i of vector v is at [i * stride + v], as dense_network::run()
// wants them. Strides are aligned_stride() of something, columns are aligned.

//! \p rows [n_rows][length] to columns; those from n_rows up to the stride become 0.
void rows_into_columns(const float* rows,
                       std::size_t n_rows,
                       std::size_t length,
                       float* columns,
                       std::size_t stride) noexcept;

//! The reverse.
void columns_into_rows(const float* columns,
                       std::size_t stride,
                       std::size_t n_rows,
                       std::size_t length,
                       float* rows) noexcept;

//! A bank of ADCs whose inputs and levels lie in columns.
struct column_adcs {
    std::vector<float> gain;       //!< z_d = gain_d * input
    std::vector<unsigned> levels;  //!< M_d
    std::vector<float> thresholds; //!< M_d - 1 of ADC 0, then of ADC 1, ..., ascending
    std::vector<float> values;     //!< M_d of each likewise
};

//! The level of each input, in place: values[number of thresholds <= gain_d z_d].
void quantize_columns(const column_adcs& bank, float* z, std::size_t stride) noexcept;

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_COLUMNS_H */

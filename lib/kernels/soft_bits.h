/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_SOFT_BITS_H
#define INCLUDED_FEWBIT_KERNELS_SOFT_BITS_H

#include <cstddef>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace kernels {

/* The pointwise ends of the soft-bit codec. "Rows" are matrices of floats whose rows, one
 * for each LLR or latent of a symbol, begin aligned and hold one symbol a column, \p
 * stride floats a row (aligned_stride()). A packet's LLRs and indices have the symbols'
 * values side by side instead. */

/*! \brief y_i = tanh(scale x_i), a NaN as 0; within 4e-7 of the true value, relative to
 * it.
 *
 * \p in and \p out need no alignment and may be the same.
 */
void scaled_tanh(const float* in, float scale, float* out, std::size_t n) noexcept;

//! rows[k][s] = values[s * n_rows + k] for s < n.
void to_rows(const float* values,
             std::size_t n_rows,
             std::size_t n,
             float* rows,
             std::size_t stride) noexcept;

//! values[s * n_rows + k] = rows[k][s] for s < n.
void from_rows(const float* rows,
               std::size_t n_rows,
               std::size_t n,
               std::size_t stride,
               float* values) noexcept;

/*! \brief The nearest of \p levels points first + i step: index ceil((x - first) / step -
 * 1/2).
 *
 * A value half-way between two points gets the lower one, and values beyond the ends the
 * ends. No value may be NaN.
 */
void nearest_points(const float* in,
                    std::size_t n,
                    float first,
                    float step,
                    unsigned levels,
                    std::int32_t* indices) noexcept;

//! y_i = scale x_i, clipped to +-limit; a NaN as 0. In place, n of aligned memory.
void scale_and_clip(float* values, std::size_t n, float scale, float limit) noexcept;

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_SOFT_BITS_H */

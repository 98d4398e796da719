/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_COLUMN_RESTS_H
#define INCLUDED_FEWBIT_KERNELS_COLUMN_RESTS_H

#include "complex_planes.h"
#include <complex>
#include <cstddef>

namespace gr {
namespace fewbit {
namespace kernels {

/*!
 * \brief How well the columns of channels stand apart, of sixteen channels at once, a channel in
 * each lane.
 *
 * Of each column what its projections on those before leave (modified Gram-Schmidt), squared;
 * the least of them over the longest column's square.
 */
class column_rests
{
public:
    static constexpr std::size_t lanes = 16;
    using planes = complex_planes<float, lanes>;

    column_rests() = default;
    column_rests(std::size_t antennas, std::size_t users);

    /*! \param h \p n <= 16 channels [n][m][k], of any scale
     * \param n channels
     * \param least receives [n]: 0 to 1; negative for a channel that is zero; of one that holds
     * NaN or infinity anything
     */
    void measure(const std::complex<float>* h, std::size_t n, float* least) noexcept;

private:
    planes d_h; // columns are replaced by their rests
};

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_COLUMN_RESTS_H */

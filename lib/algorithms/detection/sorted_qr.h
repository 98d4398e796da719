/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_SORTED_QR_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_SORTED_QR_H

#include "algorithms/detection/real_channel.h"
#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief QR of a channel with its columns in an order: H P = Q R, the shortest remaining column
 * first (Wuebben et al., PIMRC 2001).
 *
 * A search goes from the last column to the first. Modified Gram-Schmidt, in double.
 */
class sorted_qr
{
public:
    explicit sorted_qr(const detector_size& size);

    void factor(const real_channel& channel) noexcept;

    //! Which column of H stands at place i.
    std::size_t column(std::size_t i) const noexcept { return d_order[i]; }
    double r(std::size_t i, std::size_t j) const noexcept
    {
        return d_r[i * d_columns + j];
    }
    double q(std::size_t row, std::size_t i) const noexcept
    {
        return d_q[i * d_rows + row];
    }

private:
    void swap_columns(std::size_t i, std::size_t j) noexcept;

    std::size_t d_rows, d_columns;
    std::vector<double> d_q; // [columns][rows]
    std::vector<double> d_r; // [columns][columns]
    std::vector<double> d_norms;
    std::vector<std::size_t> d_order;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_SORTED_QR_H */

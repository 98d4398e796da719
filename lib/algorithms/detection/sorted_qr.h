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
 * \brief QR of the MMSE-extended channel with its columns in an order:
 * [H; sqrt(ridge) I] P = Q R.
 *
 * A tree search goes from the last column to the first. Modified Gram-Schmidt, in double.
 */
class sorted_qr
{
public:
    enum class order {
        norms, //!< the shortest remaining column first (Wuebben et al., PIMRC 2001)
        errors //!< V-BLAST's: of those not yet detected, the least MMSE error is next
    };

    explicit sorted_qr(const detector_size& size);

    void factor(const real_channel& channel, double ridge, order by) noexcept;

    //! Which column of H stands at place i.
    std::size_t column(std::size_t i) const noexcept { return d_order[i]; }
    double r(std::size_t i, std::size_t j) const noexcept
    {
        return d_r[i * d_columns + j];
    }
    //! Of the rows of H: value (row, i).
    double q(std::size_t row, std::size_t i) const noexcept
    {
        return d_q[i * d_extended + row];
    }

private:
    void order_by_errors(const real_channel& channel, double ridge) noexcept;
    void swap_columns(std::size_t i, std::size_t j) noexcept;

    std::size_t d_rows, d_columns, d_extended;
    std::vector<double> d_q; // [columns][rows + columns]
    std::vector<double> d_r; // [columns][columns]
    std::vector<double> d_norms;
    std::vector<std::size_t> d_order;
    std::vector<double> d_errors; // [columns][columns]
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_SORTED_QR_H */

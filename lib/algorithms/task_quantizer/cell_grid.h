/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_CELL_GRID_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_CELL_GRID_H

#include "kernels/aligned_vector.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/matrix.h>
#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief The cells of a bank of ADCs in two factors, so that the sum over all of them is a
 * sum over pairs: the memory is kept from one evaluation to the next.
 */
class cell_grid
{
public:
    //! \param levels M_d; their product is at most cell_ber_max_cells
    //! \param users k, 1 to 8
    cell_grid(const std::vector<unsigned>& levels, std::size_t users);

    /*! \brief cell_ber() of its header.
     * \param means mu [2^k][p]
     * \param deviations sigma [p]
     * \param thresholds sum (M_d - 1), of ADC 0, then ADC 1, ...
     */
    double ber(const matrix& means,
               const std::vector<double>& deviations,
               const std::vector<double>& thresholds);

private:
    void multiply(std::size_t adc,
                  const matrix& means,
                  double deviation,
                  const double* thresholds);

    std::vector<unsigned> d_levels;
    std::size_t d_users, d_classes;
    std::size_t d_split; // ADCs before this one make the rows, the others the columns
    std::size_t d_rows = 1, d_columns = 1, d_padded;
    std::size_t d_rows_done = 0, d_columns_done = 0; // while the tables are being made
    std::vector<double> d_probability;               // of one ADC [class][code]
    std::vector<double> d_outer;                     // [rows][class]
    kernels::aligned_vector<double> d_inner;         // [class][padded]
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_CELL_GRID_H */

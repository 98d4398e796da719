/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_CELL_FINDER_H
#define INCLUDED_FEWBIT_KERNELS_CELL_FINDER_H

#include "aligned_vector.h"
#include "small_combiner.h"
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace kernels {

/*!
 * \brief A small combiner, a bank of ADCs, and a table with an answer for every cell: from
 * vectors to answers without ADC inputs or codes in memory.
 *
 *     cell = sum_d stride_d (number of thresholds of ADC d <= z_d);   NaN is below all
 *
 * The thresholds of an ADC are searched by halves where all of them fit in a register, and
 * counted otherwise. Answers are copied one group of vectors behind the arithmetic, so that
 * both go on at once.
 */
class cell_finder
{
public:
    cell_finder() = default;
    /*! \param levels M_d
     * \param thresholds of ADC 0, then ADC 1, ..., ascending
     * \param strides what each threshold below adds to the cell
     */
    cell_finder(const small_combiner& combiner,
                const std::vector<unsigned>& levels,
                const std::vector<float>& thresholds,
                const std::vector<std::uint32_t>& strides);

    //! \p x [n_vectors][inputs] to \p cells [n_vectors].
    void
    cells(const float* x, std::size_t n_vectors, std::uint32_t* cells) const noexcept;

    /*! \brief The answer of each vector's cell.
     * \param table rows of \p row bytes, one a cell
     * \param row 1, 4, 8 or 16
     * \param length what is wanted of a row, at most \p row bytes
     * \param answers receives n_vectors * length bytes
     */
    void answers(const float* x,
                 std::size_t n_vectors,
                 const void* table,
                 std::size_t row,
                 std::size_t length,
                 void* answers) const noexcept;

    //! How the kernel reads an ADC.
    struct adc {
        std::uint32_t count; // thresholds
        unsigned steps;      // of the search; 0: too fine for a register
        std::size_t first;   // of its thresholds
        std::size_t search;  // of its tables
        std::size_t of_code; // likewise
    };
    struct bank {
        std::vector<adc> adcs;
        std::vector<float> thresholds;
        // Of each ADC, for every step and code so far the threshold to compare with, padded
        // with infinity, [steps][16]; and what each code adds to the cell [16].
        aligned_vector<float> search;
        aligned_vector<std::uint32_t> of_code;
    };

private:
    small_combiner d_combiner;
    bank d_bank;
};

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_CELL_FINDER_H */

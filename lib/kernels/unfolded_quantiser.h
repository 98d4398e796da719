/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_UNFOLDED_QUANTISER_H
#define INCLUDED_FEWBIT_KERNELS_UNFOLDED_QUANTISER_H

#include "channel_solver.h"
#include <cstddef>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace kernels {

// What pack_unfolded_int8() does to sixteen channels at once, one in each lane: arrays are
// [..][16] and aligned, lanes beyond those in use hold whatever they hold.

//! A quantised matrix [[Re, -Im], [Im, Re]] of every lane.
struct lane_matrix {
    std::size_t rows;    //!< complex, up to whole vectors
    std::int32_t* words; //!< [words][Re, Im][rows], as in a record
    std::int32_t* sums;  //!< [2][rows]: of the real form's rows, -128 times
    float* scales;       //!< [rows]
};

//! int8, each row in steps of its largest value over \p limit; the diagonal apart: zeros there.
void quantise_bytes(const channel_solver::planes& x,
                    bool apart,
                    const float* multiplier,
                    int limit,
                    const lane_matrix& to) noexcept;
//! int16 likewise.
void quantise_pairs(const channel_solver::planes& x,
                    int limit,
                    const lane_matrix& to) noexcept;
//! Values [rows] times a factor of each lane, at most 1.
void scale_rows(const float* factor, std::size_t rows, float* values) noexcept;
//! The largest energy of a row, [16].
void find_largest_row(const channel_solver::planes& x, float* largest) noexcept;

//! A layer's g_ik: what they are of.
struct lane_gains {
    std::size_t users;
    const float* errors; //!< e_i [users]
    const float *constant, *slope;
    bool staircase; //!< unit / max(w, 1/8), at least 1; else unit w
    float unit;
};
//! Two to a word, in state order: [users, up to fours].
void quantise_gains(const lane_gains& of, std::int32_t* words) noexcept;

//! Words [n_words, up to fours] of the first \p n lanes to their records, from \p offset on.
void deal_words(const std::int32_t* words,
                std::size_t n_words,
                std::size_t n,
                std::uint8_t* const* records,
                std::size_t offset) noexcept;

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_UNFOLDED_QUANTISER_H */

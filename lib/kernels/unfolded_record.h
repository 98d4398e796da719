/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_UNFOLDED_RECORD_H
#define INCLUDED_FEWBIT_KERNELS_UNFOLDED_RECORD_H

#include <cstddef>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace kernels {

//! A part of an unfolded_int8 record, by its offset in bytes.
template <typename T>
const T* record_part(const std::uint8_t* record, std::size_t offset)
{
    return reinterpret_cast<const T*>(record + offset);
}
template <typename T>
T* record_part(std::uint8_t* record, std::size_t offset)
{
    return reinterpret_cast<T*>(record + offset);
}

/*!
 * \brief State order: the real parts of four users, their imaginary parts, the next four's ..
 *
 * It is what the packing instructions of every x86 vector length make of a vector of real and one
 * of imaginary sums, so that nothing is ever put in order between the layers.
 */
constexpr std::size_t state_of_user(std::size_t user, bool imaginary)
{
    return user / 4 * 8 + (imaginary ? 4 : 0) + user % 4;
}

//! The same of a row of the real form [Re; Im].
constexpr std::size_t state_of_row(std::size_t row, std::size_t users)
{
    return row < users ? state_of_user(row, false) : state_of_user(row - users, true);
}

//! Words of four int8, or of two int16, that so many columns fill.
constexpr std::size_t byte_words(std::size_t columns) { return (columns + 3) / 4; }
constexpr std::size_t pair_words(std::size_t columns) { return (columns + 1) / 2; }

//! A layer's scalars; int16 twice, so that one load of 32 bits spreads them over a register.
struct unfolded_layer {
    std::int16_t step[2];          //!< d_k
    float step_unit;               //!< D_k
    std::int16_t estimate_gain[2]; //!< alpha_q, admm
    std::int16_t dual_gain[2];     //!< beta_q, admm
    std::int16_t memory[2];        //!< kappa_q, admm
};

//! What pgd has besides.
struct unfolded_step {
    std::int16_t first_eta[2]; //!< eta_q
    float eta;
};

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_UNFOLDED_RECORD_H */

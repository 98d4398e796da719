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

//! Words of four columns that a row of so many values has.
constexpr std::size_t word_groups(std::size_t values) { return (values + 3) / 4; }

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_UNFOLDED_RECORD_H */

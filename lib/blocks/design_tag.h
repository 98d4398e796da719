/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_DESIGN_TAG_H
#define INCLUDED_FEWBIT_BLOCKS_DESIGN_TAG_H

#include <pmt/pmt.h>
#include <cstdint>

namespace gr {
namespace fewbit {

//! The number that a stream tag \c design holds; 0, which no design has, where it is none.
inline std::uint64_t design_of(const pmt::pmt_t& value)
{
    if (pmt::is_uint64(value))
        return pmt::to_uint64(value);
    if (pmt::is_integer(value) && pmt::to_long(value) > 0)
        return static_cast<std::uint64_t>(pmt::to_long(value));
    return 0;
}

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_DESIGN_TAG_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_FRAME_ITEM_H
#define INCLUDED_FEWBIT_BLOCKS_FRAME_ITEM_H

#include <gnuradio/gr_complex.h>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {

//! What the frames of pdu_to_frame and frame_to_pdu are made of.
enum class frame_item { byte, floating, complex };

//! \throws std::invalid_argument when \p name is not byte, float or complex
inline frame_item frame_item_from_name(const std::string& name)
{
    if (name == "byte")
        return frame_item::byte;
    if (name == "float")
        return frame_item::floating;
    if (name == "complex")
        return frame_item::complex;
    throw std::invalid_argument("the item type is '" + name +
                                "', expected byte, float or complex");
}

//! Bytes of a frame. \throws std::invalid_argument when it has no items or too many
inline int frame_bytes(frame_item type, std::size_t vlen)
{
    const std::size_t size = type == frame_item::byte       ? sizeof(std::uint8_t)
                             : type == frame_item::floating ? sizeof(float)
                                                            : sizeof(gr_complex);
    if (vlen < 1 ||
        vlen > static_cast<std::size_t>(std::numeric_limits<int>::max()) / size)
        throw std::invalid_argument("vlen is " + std::to_string(vlen) +
                                    ", expected at least 1 and a frame below 2 GiB");
    return static_cast<int>(vlen * size);
}

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_FRAME_ITEM_H */

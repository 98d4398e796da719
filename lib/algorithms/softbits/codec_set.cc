/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/softbits/codec_set.h"
#include <algorithm>

namespace gr {
namespace fewbit {
namespace algorithms {

unsigned codec_set::index_for(const softbit_codec& codec) const
{
    for (unsigned i = 0; i < size; ++i)
        if (d_held[i].codec && d_held[i].codec->id() == codec.id())
            return i;
    const auto fewest =
        std::min_element(d_held.begin(), d_held.end(), [](const held& a, const held& b) {
            return a.bodies < b.bodies;
        });
    return static_cast<unsigned>(fewest - d_held.begin());
}

void codec_set::use(std::unique_ptr<softbit_codec> codec)
{
    d_writer = index_for(*codec);
    d_held[d_writer].codec = std::move(codec);
    for (unsigned i = 0; i < size; ++i)
        if (i != d_writer && d_held[i].bodies == 0)
            d_held[i].codec.reset();
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

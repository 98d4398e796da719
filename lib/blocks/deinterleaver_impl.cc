/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/reordering_block.h"
#include <gnuradio/fewbit/deinterleaver.h>

namespace gr {
namespace fewbit {

using deinterleaver_impl =
    reordering_block<deinterleaver, float, &algorithms::interleaver::deinterleave>;

deinterleaver::sptr deinterleaver::make(std::size_t n, std::uint64_t seed)
{
    return gnuradio::make_block_sptr<deinterleaver_impl>("deinterleaver", n, seed);
}

} // namespace fewbit
} // namespace gr

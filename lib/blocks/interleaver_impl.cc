/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/reordering_block.h"
#include <gnuradio/fewbit/interleaver.h>

namespace gr {
namespace fewbit {

using interleaver_impl =
    reordering_block<interleaver, std::uint8_t, &algorithms::interleaver::interleave>;

interleaver::sptr interleaver::make(std::size_t n, std::uint64_t seed)
{
    return gnuradio::make_block_sptr<interleaver_impl>("interleaver", n, seed);
}

} // namespace fewbit
} // namespace gr

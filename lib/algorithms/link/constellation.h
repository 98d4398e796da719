/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_LINK_CONSTELLATION_H
#define INCLUDED_FEWBIT_LINK_CONSTELLATION_H

#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

//! Throws std::invalid_argument on behalf of \p who where K is none of a square Gray QAM.
inline void check_bits_per_symbol(const std::string& who, unsigned bits_per_symbol)
{
    if (bits_per_symbol < 2 || bits_per_symbol > 8 || bits_per_symbol % 2 != 0)
        throw std::invalid_argument(who + ": bits_per_symbol is " +
                                    std::to_string(bits_per_symbol) +
                                    ", expected 2, 4, 6 or 8");
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_LINK_CONSTELLATION_H */

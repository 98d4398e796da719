/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_QAM_MAPPER_H
#define INCLUDED_FEWBIT_QAM_MAPPER_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/sync_block.h>
#include <cstddef>
#include <memory>

namespace gr {
namespace fewbit {

/*!
 * \brief Map every frame of bits to a frame of Gray QAM symbols.
 * \ingroup fewbit
 *
 * \details
 * Input: items of n_bits uint8, one bit a byte (of other values the lowest bit counts).
 * Output: items of n_bits / bits_per_symbol complex symbols of unit mean energy, as 3GPP
 * TS 38.211, 5.1 maps them (algorithms::qam_mapper). Tags stay on their frame.
 */
class FEWBIT_API qam_mapper : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<qam_mapper> sptr;

    /*!
     * \param n_bits bits of a frame, a multiple of bits_per_symbol
     * \param bits_per_symbol 2, 4, 6 or 8
     * \throws std::invalid_argument when one of them is not as said
     */
    static sptr make(std::size_t n_bits = 648, unsigned bits_per_symbol = 6);
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_QAM_MAPPER_H */

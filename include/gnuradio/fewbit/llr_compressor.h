/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_LLR_COMPRESSOR_H
#define INCLUDED_FEWBIT_LLR_COMPRESSOR_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/block.h>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace gr {
namespace fewbit {

/*!
 * \brief Compress packets of LLRs into containers that may leave the process.
 * \ingroup fewbit
 *
 * \details
 * An algorithms::softbit_codec with ports; llr_decompressor undoes it.
 *
 * Message port in, \c pdus: PDU of n float32 LLRs, log P(b=1)/P(b=0), in demapper order;
 * n from 1 on, and a multiple of the codec's llrs_per_symbol(). A NaN counts as 0, an
 * erasure.
 *
 * Message ports out:
 * - \c pdus: PDU of uint8, the packet's container (algorithms/softbits/container.h):
 * codec id, LLR count, body and CRC-32. Metadata passes through.
 * - \c stats: dict of codec, passed, llrs, bytes, bits_per_llr (over all packets since
 * the start or the last change of codec) and the counts of refused PDUs, every \p
 * stats_every packets.
 *
 * Stream output, optional, for plots: one float a packet, its bits per LLR with the
 * container's overhead. Connecting it adds up to a millisecond to a packet's latency.
 *
 * A PDU that is refused is counted by its cause, the first of a cause is logged, and it
 * is dropped.
 */
class FEWBIT_API llr_compressor : virtual public gr::block
{
public:
    typedef std::shared_ptr<llr_compressor> sptr;

    /*!
     * \param codec a text for algorithms::make_softbit_codec(), such as
     * "uniform:bits=4,clip=8"
     * \param stats_every packets between two \c stats messages; 0: none
     * \throws std::invalid_argument or bundle_error when there is no such codec
     */
    static sptr make(const std::string& codec = "float", unsigned stats_every = 32);

    /*! \brief Compress with another codec from the next packet on; the averages start
     * anew.
     * \throws std::invalid_argument or bundle_error; the codec is then as before
     */
    virtual void set_codec(const std::string& codec) = 0;
    virtual std::string codec() const = 0; //!< the codec's short name

    //! Containers' bits by packets' LLRs so far; 0 before the first packet.
    virtual double bits_per_llr() const = 0;

    //! Counts by name: passed, llrs, bytes; and of the refused not_a_pdu, wrong_type,
    //! wrong_length.
    virtual std::map<std::string, std::uint64_t> counters() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_LLR_COMPRESSOR_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_HARQ_BUFFER_H
#define INCLUDED_FEWBIT_HARQ_BUFFER_H

#include <gnuradio/block.h>
#include <gnuradio/fewbit/api.h>
#include <cstdint>
#include <map>
#include <string>

namespace gr {
namespace fewbit {

/*!
 * \brief A HARQ receiver's soft-bit buffer: combines retransmissions, stores what did not
 * decode. \ingroup fewbit
 *
 * \details
 * An algorithms::harq_store with ports. A transmission's LLRs come in on \c llrs, go out
 * on \c combined with the stored ones added, are decoded and checked by other blocks, and
 * the verdict comes back on \c decoded. Then the block is released, or its soft bits are
 * kept in compressed form. The sender learns of every outcome on \c feedback.
 *
 * Message ports in:
 * - \c llrs: PDU of float32 LLRs (positive = bit 1) in demapper order, with user,
 * process, ndi, rv and attempt in its metadata (docs/architecture.md). The vector is
 * kept, not copied, until the verdict; a block that changes a PDU's vector in place after
 * publishing it breaks that.
 * - \c decoded: PDU or dict with the same metadata and \c crc_ok. Late and repeated
 * verdicts do no harm: a pass is always acted on, a failure only while the transmission
 * waits for it.
 *
 * Message ports out:
 * - \c combined: PDU of LLRs in codeword order, with the metadata of the transmission.
 * - \c feedback: dict of user, process, ndi, attempt, packet_id if there was one, \c ack
 * (the block is decoded), \c stored (something of it is in the store), \c outcome (text,
 * docs/harq.md), and where the outcome is "stale", \c newest_ndi.
 * - \c delivered: the \c decoded PDU of each block, once, when its CRC passes first.
 * - \c stats: dict of bytes_in_use, peak_bytes, budget_bytes, bodies, bits_per_llr, codec
 * and all counters(), every \p stats_every transmissions.
 *
 * Stream outputs, for plots, both optional, at \p stream_rate items per second of wall
 * clock: occupancy in bytes, and bits per stored LLR (overhead included; the last value
 * while nothing is stored). Connecting one delays a message by up to a millisecond.
 *
 * A message that lacks a key, or holds anything but a PDU where one is due, is counted as
 * malformed, logged once and dropped: it names no sender that could be told.
 */
class FEWBIT_API harq_buffer : virtual public gr::block
{
public:
    typedef std::shared_ptr<harq_buffer> sptr;

    /*!
     * \param users number of users
     * \param processes HARQ processes of each user
     * \param n_llrs LLRs of a transmission
     * \param codec how soft bits are stored, a text for algorithms::make_softbit_codec()
     * \param budget_bytes memory for stored blocks, with all overhead
     * \param storage "per_transmission", which keeps the gain of every codec where
     * redundancy versions move bits, or "combined", which needs no more memory for a third
     * transmission than for the first; see algorithms::harq_store
     * \param interleaver_seed the sender's
     * \param max_transmissions most transmissions stored of a block (per_transmission)
     * \param max_pending most transmissions that wait for their verdict; 0: twice users x
     * processes. One more, and the oldest counts as failed ("undecoded") and is kept
     * \param stats_every transmissions between two \c stats messages; 0: none
     * \param stream_rate items per second of the stream outputs
     * \throws std::invalid_argument when a parameter is out of its range
     */
    static sptr make(unsigned users,
                     unsigned processes,
                     unsigned n_llrs,
                     const std::string& codec = "float",
                     std::uint64_t budget_bytes = 1u << 20,
                     const std::string& storage = "per_transmission",
                     std::uint64_t interleaver_seed = 1,
                     unsigned max_transmissions = 4,
                     unsigned max_pending = 0,
                     unsigned stats_every = 32,
                     double stream_rate = 50.0);

    /*!
     * \brief Store with another codec from now on; what is stored is decoded by its own.
     * \throws std::invalid_argument or bundle_error; the codec is then as before
     */
    virtual void set_codec(const std::string& codec) = 0;
    virtual std::string codec() const = 0; //!< the codec's short name

    //! Drop everything known of a user, as when the user leaves.
    virtual void forget(unsigned user) = 0;

    //! Counts of everything that came in, went out and became of stored blocks, by name.
    virtual std::map<std::string, std::uint64_t> counters() const = 0;

    virtual std::uint64_t bytes_in_use() const = 0;
    virtual std::uint64_t peak_bytes() const = 0;
    //! Bits kept per stored LLR with all overhead, now or when something was last stored;
    //! 0 before.
    virtual double bits_per_llr() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_HARQ_BUFFER_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_HARQ_TRANSMITTER_H
#define INCLUDED_FEWBIT_HARQ_TRANSMITTER_H

#include <gnuradio/block.h>
#include <gnuradio/fewbit/api.h>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

/*!
 * \brief The sending side of a HARQ link: users x processes of stop-and-wait, on
 * feedback. \ingroup fewbit
 *
 * \details
 * Every free process takes the next block of payload bits and sends it. A block ends in
 * one of two ways, and the process is then free:
 * - acknowledged: feedback with \c ack for the block arrived;
 * - failed: \p max_attempts transmissions were answered by NACK or not at all.
 * Between them, each NACK for the latest transmission, and each \p timeout_ms without an
 * answer, sends the same payload again with the next redundancy version of \p rv_sequence
 * (from its beginning where the receiver says that it has stored nothing of the block).
 * The rate is limited by free processes alone. At all times
 *
 *     sent = acknowledged + failed + in_flight   (counters(), in blocks)
 *
 * Message ports in:
 * - \c payloads: PDU of \p payload_bits uint8 bits, sent before any random payload; its
 * metadata is passed on. One of another length, which the encoder would drop without a
 * word to this block, is refused, and so is one more than 4096 that wait, or than \p
 * n_packets.
 * - \c feedback: dict with user, process, ndi, \c ack and, where known, attempt, \c
 * stored and \c outcome. Feedback for another block or an earlier transmission is counted
 * as late and has no effect, except that any transmission's ACK ends its block. The
 * outcome "stale" with \c newest_ndi, for the current block, means that this sender has
 * started again behind its receiver: the block is sent anew as the one after \c
 * newest_ndi, once.
 * - \c tick: any message makes the block look at its deadlines and free processes; its
 * own timer uses this port.
 *
 * Message ports out:
 * - \c pdus: PDU of the payload's bits, with user, process, ndi, rv, attempt and
 * packet_id (0, 1,
 *   .. in order of first transmission).
 * - \c refused: payload PDUs that are refused, as they came, with the cause as the symbol
 * \c reason in their metadata: wrong_length, queue_full or surplus.
 * - \c done: (done . 1), once, when \p n_packets blocks have ended. Connected to a
 * block's \c system port it ends that block, and with it the flowgraph.
 *
 * A stopped flowgraph may be started again: blocks in flight time out and are sent again.
 */
class FEWBIT_API harq_transmitter : virtual public gr::block
{
public:
    typedef std::shared_ptr<harq_transmitter> sptr;

    /*!
     * \param users number of users, at least 1
     * \param processes HARQ processes of each user, at least 1
     * \param payload_bits bits of every payload; 0: no random ones, and any length on port
     * \c payloads. What the encoder then drops holds its process until \p timeout_ms has
     * failed it, with 0 for ever
     * \param n_packets blocks to send; 0: for ever
     * \param max_attempts transmissions of a block, 1 .. 32
     * \param rv_sequence redundancy versions (0 .. 3) of successive transmissions, used
     * cyclically
     * \param timeout_ms silence after which a block is sent again; 0: never
     * \param seed of the random payloads: payload k depends on it and on k alone
     * \param random whether random payloads are sent where none waits
     * \throws std::invalid_argument when a parameter is out of its range
     */
    static sptr make(unsigned users,
                     unsigned processes,
                     unsigned payload_bits = 300,
                     std::uint64_t n_packets = 0,
                     unsigned max_attempts = 4,
                     const std::vector<int>& rv_sequence = {0, 2, 3, 1},
                     double timeout_ms = 200.0,
                     std::uint64_t seed = 1,
                     bool random = true);

    //! Blocks by fate, transmissions by cause, feedback by use.
    virtual std::map<std::string, std::uint64_t> counters() const = 0;

    //! Whether n_packets blocks have ended.
    virtual bool complete() const = 0;

    virtual void set_max_attempts(unsigned max_attempts) = 0;
    virtual unsigned max_attempts() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_HARQ_TRANSMITTER_H */

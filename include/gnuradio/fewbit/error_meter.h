/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ERROR_METER_H
#define INCLUDED_FEWBIT_ERROR_METER_H

#include <gnuradio/block.h>
#include <gnuradio/fewbit/api.h>
#include <cstdint>
#include <map>
#include <string>

namespace gr {
namespace fewbit {

/*!
 * \brief Counts bit and block error rates with 95 % confidence intervals, until it knows
 * enough. \ingroup fewbit
 *
 * \details
 * With messages: what came out of a HARQ link is compared with what went in. A block is
 * known by its packet_id. Its transmissions are counted one by one (\e first is attempt
 * 0), and its end once (\e after \e HARQ): right as soon as one attempt is, wrong when
 * attempt \p max_attempts - 1 is wrong or when the block falls out of the table of the
 * last \p table_size blocks unfinished
 * (\e lost: its transmissions did not arrive; it then has no bits to count). A block is
 * wrong when \c crc_ok is there and false, or any bit differs.
 *
 * With streams: each item of the two inputs is a bit (uint8, 0 or 1; any two different
 * items are an error), and \p block_bits of them are a block. First and after HARQ are
 * then the same.
 *
 * Message ports in:
 * - \c sent: PDU of uint8 bits with packet_id; a block's retransmissions are ignored.
 * - \c received: PDU of uint8 bits with packet_id, attempt and crc_ok, as the CRC check
 * puts out. With \p compare false, only crc_ok counts, nothing need come on \c sent, and
 * a dict is enough; one without packet_id is a block of its own.
 * - \c reset: any message starts the count again.
 *
 * Message ports out:
 * - \c report: dict of report(), every \p report_every blocks and at the end.
 * - \c done: (done . 1) when the stop rule is met. What comes later is not counted. With
 * streams, the block then ends, and with it the flowgraph.
 *
 * Stream inputs: none or two. Stream outputs, for plots, optional, \p stream_rate items a
 * second: bit error rate after HARQ, block error rate of the first transmission, and
 * after HARQ, each an average over about the last \p window blocks, so that a plot
 * follows a changing link.
 */
class FEWBIT_API error_meter : virtual public gr::block
{
public:
    typedef std::shared_ptr<error_meter> sptr;

    /*!
     * \param max_attempts the sender's, 1 .. 32; 1 for a link without HARQ. An attempt
     * numbered as high or higher is not counted as one of its block, logged once, and in
     * the report as \c beyond_max_attempts
     * \param compare whether received bits are compared with sent ones
     * \param min_errors stop after so many block errors after HARQ; 0: no such limit
     * \param max_blocks stop after so many blocks; 0: no such limit
     * \param relative_width stop when the interval of the block error rate after HARQ is
     * at most so many times the rate; 0: no such limit
     * \param report_every blocks between two reports; 0: only at the end
     * \param table_size blocks remembered; at least as many as can be under way
     * \param block_bits bits of a block on the stream inputs
     * \param window blocks that the plot streams average over
     * \param stream_rate items per second of the plot streams
     * \throws std::invalid_argument when a parameter is out of its range
     */
    static sptr make(unsigned max_attempts = 4,
                     bool compare = true,
                     std::uint64_t min_errors = 0,
                     std::uint64_t max_blocks = 0,
                     double relative_width = 0.0,
                     unsigned report_every = 100,
                     unsigned table_size = 4096,
                     unsigned block_bits = 300,
                     unsigned window = 200,
                     double stream_rate = 50.0);

    virtual void reset() = 0;

    //! Whether the stop rule has been met.
    virtual bool is_done() const = 0;

    /*!
     * \brief The figures, by name.
     *
     * For each of \c first, \c after_harq and \c attempt_0, \c attempt_1, ..:
     * "first.blocks",
     * ".block_errors", ".bler", ".bler_low", ".bler_high", ".bits", ".bit_errors",
     * ".ber",
     * ".ber_low", ".ber_high" (95 % intervals). And \c lost, \c undetected (bits wrong,
     * crc_ok true), \c repeated, \c late (after the block's end), \c malformed, \c
     * beyond_max_attempts, \c under_way, \c mean_attempts (of the blocks that ended
     * right).
     */
    virtual std::map<std::string, double> report() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ERROR_METER_H */

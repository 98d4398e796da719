/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_PDU_IMPAIRMENTS_H
#define INCLUDED_FEWBIT_PDU_IMPAIRMENTS_H

#include <gnuradio/block.h>
#include <gnuradio/fewbit/api.h>
#include <cstdint>
#include <map>
#include <string>

namespace gr {
namespace fewbit {

/*!
 * \brief Drops, duplicates, reorders, corrupts and truncates messages: an unkind wire.
 * \ingroup fewbit
 *
 * \details
 * For tests and studies. Each message on \c in meets each impairment with its own
 * probability, independently and in this order, and what is left goes to \c out:
 * - drop: it is gone;
 * - corrupt: one element of a PDU's vector is replaced: a uint8 has its lowest bit (a bit
 * of unpacked data) inverted, any other type has one bit of its memory inverted, so that
 * a float may become negative, huge, infinite or NaN. A dict (feedback) has one value
 * replaced by the symbol \c corrupted. Other messages stay as they are;
 * - truncate: a PDU's uint8 or float32 vector loses its last element;
 * - reorder: it waits until the next message has passed. At most one message waits;
 * - duplicate: it goes out twice.
 * The message itself is never changed in place. The draws depend on \p seed alone.
 */
class FEWBIT_API pdu_impairments : virtual public gr::block
{
public:
    typedef std::shared_ptr<pdu_impairments> sptr;

    /*!
     * \param drop, duplicate, reorder, corrupt, truncate probabilities, 0 .. 1
     * \param seed of the draws
     * \throws std::invalid_argument when a probability is outside 0 .. 1 or NaN
     */
    static sptr make(double drop = 0.0,
                     double duplicate = 0.0,
                     double reorder = 0.0,
                     double corrupt = 0.0,
                     double truncate = 0.0,
                     std::uint64_t seed = 1);

    virtual void set_drop(double probability) = 0;
    virtual void set_duplicate(double probability) = 0;
    virtual void set_reorder(double probability) = 0;
    virtual void set_corrupt(double probability) = 0;
    virtual void set_truncate(double probability) = 0;

    //! in, out, dropped, duplicated, reordered, corrupted, truncated, waiting: always
    //! in + duplicated = out + dropped + waiting.
    virtual std::map<std::string, std::uint64_t> counters() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_PDU_IMPAIRMENTS_H */

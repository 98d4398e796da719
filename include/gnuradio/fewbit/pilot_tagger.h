/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_PILOT_TAGGER_H
#define INCLUDED_FEWBIT_PILOT_TAGGER_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/sync_block.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace gr {
namespace fewbit {

/*!
 * \brief Mark items as pilots, with what they hold, for a receiver that learns from them.
 * \ingroup fewbit
 *
 * \details
 * Items pass unchanged. Of every \p period items the first \p n_pilots get the stream tag
 * \c pilot, whose value is the item: a u8vector of bits, a f32vector, or for complex
 * items the f32vector [Re; Im] of 2 vlen values (the stacking of docs/task_quantizer.md).
 * With a period of 0 the first \p n_pilots are tagged once, and again from the next item
 * after restart() or a message on port \c restart, whatever it says. Counting starts anew
 * with the flowgraph.
 *
 * A tag costs an allocation, as every tag does; items that are no pilots cost a copy.
 */
class FEWBIT_API pilot_tagger : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<pilot_tagger> sptr;

    /*!
     * \param type of the items: "byte", "float" or "complex"
     * \param vlen values of an item, at least 1
     * \param n_pilots pilots of a period; 0: none
     * \param period items from one run of pilots to the next, at least n_pilots; 0: only
     * one run
     * \throws std::invalid_argument when one of them is not as said
     */
    static sptr make(const std::string& type = "float",
                     std::size_t vlen = 4,
                     std::uint64_t n_pilots = 200,
                     std::uint64_t period = 0);

    //! The next item is the first of a period. \throws std::invalid_argument as make()
    virtual void set_pattern(std::uint64_t n_pilots, std::uint64_t period) = 0;
    //! The next item is the first of a period.
    virtual void restart() = 0;
    virtual std::uint64_t n_tagged() const = 0; //!< items tagged so far
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_PILOT_TAGGER_H */

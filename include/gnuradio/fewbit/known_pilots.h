/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KNOWN_PILOTS_H
#define INCLUDED_FEWBIT_KNOWN_PILOTS_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/sync_block.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

/*!
 * \brief Tell a received stream which of its items are pilots, and what they were sent
 * as.
 * \ingroup fewbit
 *
 * \details
 * Items pass unchanged. The item numbered positions[i], counted from the flowgraph's
 * start, gets the stream tag \c pilot with row i of \p values: a f32vector, or with \p
 * bits a u8vector. With a period, positions count within each period, as when a recording
 * repeats. Where the sender is in the same flowgraph, pilot_tagger does the same.
 */
class FEWBIT_API known_pilots : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<known_pilots> sptr;

    /*!
     * \param type of the stream's items: "byte", "float" or "complex"
     * \param vlen values of an item, at least 1
     * \param positions item numbers of the pilots, ascending
     * \param values what was sent at each: as many rows of equal length as positions, one
     * after the other
     * \param bits whether the values are bits
     * \param period items; 0: the positions are of the whole stream. More than the last
     * position.
     * \throws std::invalid_argument when one of them is not as said
     */
    static sptr make(const std::string& type = "complex",
                     std::size_t vlen = 6,
                     const std::vector<std::uint64_t>& positions = {},
                     const std::vector<float>& values = {},
                     bool bits = false,
                     std::uint64_t period = 0);

    virtual std::uint64_t n_tagged() const = 0; //!< items tagged so far
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KNOWN_PILOTS_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_SOFT_DEMAPPER_H
#define INCLUDED_FEWBIT_SOFT_DEMAPPER_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/sync_block.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace gr {
namespace fewbit {

/*!
 * \brief LLRs of every frame of received QAM symbols, with the channel known.
 * \ingroup fewbit
 *
 * \details
 * Input 0: items of n_subcarriers complex y = H x + n. Input 1: items of n_subcarriers
 * complex H. Output: items of n_subcarriers * bits_per_symbol float LLRs, log
 * P(b=1)/P(b=0), positive = bit 1, the LLRs of a symbol together, clipped to +-64
 * (algorithms::soft_demapper).
 *
 * The noise variance E|n|^2 is what the latest of set_noise_variance() and a stream tag
 * \c noise_variance (a number, on either input, valid from its item on) said. A tag that
 * is no number is ignored, counted in bad_tags() and logged once. Symbols that are not
 * finite give LLRs of 0 and are counted in erased(). Tags of both inputs stay on their
 * frame.
 */
class FEWBIT_API soft_demapper : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<soft_demapper> sptr;

    /*!
     * \param n_subcarriers symbols of an item, at least 1
     * \param bits_per_symbol 2, 4, 6 or 8
     * \param method "exact" or "max_log"
     * \param noise_variance E|n|^2; 0 gives hard decisions, a negative one LLRs of 0
     * \throws std::invalid_argument when one of the first three is not as said
     */
    static sptr make(std::size_t n_subcarriers = 108,
                     unsigned bits_per_symbol = 6,
                     const std::string& method = "exact",
                     float noise_variance = 0.1f);

    virtual void set_noise_variance(float noise_variance) = 0;
    virtual float noise_variance() const = 0;
    virtual std::uint64_t erased() const = 0; //!< symbols that were not finite
    virtual std::uint64_t
    bad_tags() const = 0; //!< noise_variance tags that were no number
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_SOFT_DEMAPPER_H */

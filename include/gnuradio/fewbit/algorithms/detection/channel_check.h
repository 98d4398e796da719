/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_CHANNEL_CHECK_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_CHANNEL_CHECK_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <complex>
#include <cstddef>
#include <memory>

namespace gr {
namespace fewbit {
namespace algorithms {

//! What is wrong with a channel.
enum class channel_fault : unsigned char {
    none,
    not_finite, //!< NaN or infinity somewhere
    zero,       //!< nothing is received from anyone
    singular    //!< users that cannot be told apart, or nearly so
};

/*!
 * \brief Looks at channel matrices, for whoever counts the bad ones: detectors take them as they
 * are.
 *
 * Singular: there are more users than antennas, or a user's column of H, less its projections on
 * those before it (modified Gram-Schmidt in float32), is shorter than 1e-5 of the longest column.
 * So is every matrix whose condition number float32 could not make good. The scale of a channel
 * does not matter.
 *
 * Sixteen channels at once, a channel in each lane: one alone takes as long as sixteen. An object
 * holds scratch memory and serves one thread at a time.
 */
class FEWBIT_ALGORITHMS_API channel_check
{
public:
    //! Sizes of H, each at least 1.
    channel_check(std::size_t antennas, std::size_t users);
    ~channel_check();

    /*! \param h [count][antennas][users]
     * \param count channels
     * \param faults receives [count]
     */
    void examine(const std::complex<float>* h,
                 std::size_t count,
                 channel_fault* faults) noexcept;

private:
    struct parts;
    std::unique_ptr<parts> d_parts;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_CHANNEL_CHECK_H */

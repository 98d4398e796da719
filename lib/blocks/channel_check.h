/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_CHANNEL_CHECK_H
#define INCLUDED_FEWBIT_BLOCKS_CHANNEL_CHECK_H

#include <gnuradio/gr_complex.h>
#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {

//! What is wrong with a channel.
enum class channel_fault {
    none,
    not_finite, //!< NaN or infinity somewhere
    zero,       //!< nothing is received from anyone
    singular    //!< users that cannot be told apart, or nearly so
};

/*!
 * \brief Looks at channel matrices, for a block that counts the bad ones.
 *
 * Singular: there are more users than antennas, or a user's column of H, less its
 * projections on those before it (modified Gram-Schmidt), is shorter than 1e-5 of the
 * longest column. So is every matrix whose condition number float32 could not make good.
 */
class channel_check
{
public:
    channel_check(std::size_t antennas, std::size_t users);

    //! \param h [antennas][users]
    channel_fault examine(const gr_complex* h) noexcept;

private:
    bool load(const gr_complex* h) noexcept;
    bool is_singular() noexcept;

    const std::size_t d_antennas, d_users;
    const std::size_t d_stride;   // floats of a column's real parts, a multiple of 8
    std::vector<float> d_columns; // [users][2][d_stride], padded with zeros
    float d_longest = 0.0f;       // squared
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_CHANNEL_CHECK_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_SOFTBITS_GRAY_PAM_H
#define INCLUDED_FEWBIT_SOFTBITS_GRAY_PAM_H

#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief One dimension of 3GPP Gray QAM (TS 38.211, 5.1), in units of half the distance
 * of neighbours.
 *
 * Amplitude number m (its bits, first bit highest) is the odd integer
 * (1 - 2 b0)(2^(B-1) - (1 - 2 b1)(2^(B-2) - ... (2 - (1 - 2 b_{B-1})))).
 */
inline int gray_pam_amplitude(unsigned m, unsigned bits)
{
    int amplitude = 1;
    for (unsigned j = bits - 1; j >= 1; j--)
        amplitude = (1 << (bits - j)) -
                    (1 - 2 * static_cast<int>((m >> (bits - 1 - j)) & 1u)) * amplitude;
    return (1 - 2 * static_cast<int>((m >> (bits - 1)) & 1u)) * amplitude;
}

//! Half the distance of neighbours in QAM of unit mean energy with \p bits a dimension.
inline double gray_pam_half_distance(unsigned bits)
{
    // The mean of the squares of +-1, +-3, ..., +-(M-1) is (M^2 - 1) / 3; two dimensions.
    const double m = 1u << bits;
    return std::sqrt(3.0 / (2.0 * (m * m - 1.0)));
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_SOFTBITS_GRAY_PAM_H */

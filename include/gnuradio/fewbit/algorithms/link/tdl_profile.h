/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_LINK_TDL_PROFILE_H
#define INCLUDED_FEWBIT_ALGORITHMS_LINK_TDL_PROFILE_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! One tap of a tapped delay line.
struct tdl_tap {
    double delay;       //!< seconds
    double power;       //!< mean power, linear
    bool line_of_sight; //!< constant magnitude, else Rayleigh
};

/*!
 * \brief The power-delay profile of a named channel, its powers summing to 1.
 *
 * - \c EPA, \c EVA, \c ETU: 3GPP TS 36.104, tables B.2-1 to B.2-3; delays in ns as they
 *   stand there.
 * - \c TDL-A to \c TDL-E: 3GPP TR 38.901, tables 7.7.2-1 to 7.7.2-5; delays times the rms
 *   delay spread. TDL-D and TDL-E have a line of sight (K = 13.3 and 22 dB) beside a
 *   Rayleigh part of the same delay.
 * - \c rayleigh: one Rayleigh tap, flat fading.
 * - \c awgn: one tap of constant magnitude.
 *
 * \param name one of these, as written
 * \param rms_delay_spread seconds, for TDL-A to TDL-E; the others take no notice of it
 * \throws std::invalid_argument for another name, or a delay spread that is not positive
 * and finite
 */
FEWBIT_ALGORITHMS_API std::vector<tdl_tap> tdl_profile(const std::string& name,
                                                       double rms_delay_spread = 100e-9);

//! The names that tdl_profile() knows.
FEWBIT_ALGORITHMS_API std::vector<std::string> tdl_profile_names();

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_LINK_TDL_PROFILE_H */

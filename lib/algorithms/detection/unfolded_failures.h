/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_FAILURES_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_FAILURES_H

#include "algorithms/detection/unfolded_tables.h"
#include <gnuradio/fewbit/algorithms/bundle.h>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief What the errors that an output foresees say of the detector having failed as a whole, by
 * SNR: tables of a bundle that has `output.foreseen.log` (docs/unfolded_detector.md, LLRs).
 */
class unfolded_failures
{
public:
    unfolded_failures() = default;
    //! Of a bundle without `output.foreseen.log`: not known.
    //! \throws bundle_error in one sentence
    explicit unfolded_failures(const bundle& file);

    bool known() const noexcept { return !d_foreseen.empty(); }

    //! Where 10 log10 of the SNR lies.
    knot_place at_snr(double snr_db) const noexcept { return place_among(d_snr, snr_db); }

    struct mixture {
        float spread; //!< of the output's variance
        float
            log_weight; //!< of the wide Gaussian, that of failures, beside the narrow one
        float kappa;    //!< 1 + kappa: its variance's ratio to the narrow one's
        float unseen;   //!< share of failures that no output shows
    };
    //! Linear in the logarithms between the knots of the SNR and of log(rho).
    mixture at(const knot_place& snr, float log_rho) const noexcept;

private:
    using table = std::vector<float>; // [SNRs][rhos]

    std::vector<float> d_snr, d_foreseen;
    table d_spread, d_weight, d_wide_spread, d_unseen; // logarithms
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_FAILURES_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_REFIT_STATUS_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_REFIT_STATUS_H

#include <gnuradio/fewbit/algorithms/api.h>

namespace gr {
namespace fewbit {
namespace algorithms {

//! How a fit to pilots came out. Anything but ok leaves what was fitted before in place.
enum class refit_status {
    ok,
    too_few_pilots, //!< fewer than the unknowns need
    singular,       //!< the pilots do not determine the unknowns
    not_finite,     //!< sums or results that are no numbers
    another_map     //!< the map is not of the kind or shape that is fitted here
};

//! The status in words, for a log line.
FEWBIT_ALGORITHMS_API const char* describe(refit_status status) noexcept;

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_REFIT_STATUS_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_RECORD_READER_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_RECORD_READER_H

#include <gnuradio/fewbit/algorithms/detection/unfolded_detector.h>
#include "kernels/unfolded_int8.h"
#include <cstdint>

namespace gr {
namespace fewbit {
namespace algorithms {

//! What an int8 record holds, in the document's terms and order.
unfolded_channel read_unfolded_record(const kernels::unfolded_int8_plan& plan,
                                      const std::uint8_t* bytes);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_RECORD_READER_H */

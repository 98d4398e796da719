/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_BUNDLE_PARTS_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_BUNDLE_PARTS_H

#include <gnuradio/fewbit/algorithms/bundle.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/analog_map.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/scalar_adc.h>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

//! The three parts of a chain, and what is known of them.
struct bundle_parts {
    analog_map analog;
    scalar_adc adc;
    digital_map digital;
    bool complex_inputs;
    std::string method;
};

/*! \brief Read a bundle of kind task_quantizer (docs/architecture.md).
 * \throws bundle_error in one sentence: file, field, found, expected
 */
bundle_parts read_parts(const bundle& file);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_BUNDLE_PARTS_H */

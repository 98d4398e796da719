/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_PILOT_ADC_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_PILOT_ADC_H

#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

/*! \brief ADCs with the map's numbers of levels and level values, and any thresholds: for a
 * fit, which sees codes only.
 */
scalar_adc adc_of_codes(const digital_map& map);

/*! \brief The same for a map that must be a lookup.
 * \throws std::invalid_argument in a sentence that begins with \p who */
scalar_adc adc_of_lookup(const std::string& who, const digital_map& map);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_PILOT_ADC_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_DENSE_LAYER_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_DENSE_LAYER_H

#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! One layer y = W x + b of a dense network.
struct dense_layer {
    std::size_t inputs = 0;
    std::size_t outputs = 0;
    std::vector<float> weight; //!< W [outputs][inputs]
    std::vector<float> bias;   //!< b [outputs]
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_DENSE_LAYER_H */

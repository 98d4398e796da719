/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_ANALOG_DESIGN_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_ANALOG_DESIGN_H

#include "algorithms/task_quantizer/row_network.h"
#include "kernels/small_combiner.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/analog_map.h>
#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! What copies of an analog_map share: never changed after construction.
struct analog_map::design {
    std::vector<dense_layer> layers;
    std::vector<float> gain;
    agc_mode agc;
    bool exact;                       // one small layer, summed alike on every processor
    kernels::small_combiner combiner; // that layer
    row_network network;              // the others

    //! \throws std::invalid_argument as analog_map does
    design(std::vector<dense_layer> layers, std::vector<float> gain, agc_mode agc);

    //! gain_d v_d of each vector [n_vectors][p]: everything but g.
    void combine(const float* x, std::size_t n_vectors, float* z) const noexcept;

    // The block AGC: energies of a block's parts are added up in their order, so that parts
    // of any size give the same g.
    static double energy(const float* z, std::size_t count, double before) noexcept;
    static float gain_of(double energy, std::size_t count) noexcept;
    static void scale(float* z, std::size_t count, float g) noexcept;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_ANALOG_DESIGN_H */

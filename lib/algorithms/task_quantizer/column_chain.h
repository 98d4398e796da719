/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_COLUMN_CHAIN_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_COLUMN_CHAIN_H

#include "algorithms/task_quantizer/row_network.h"
#include "kernels/columns.h"
#include <gnuradio/fewbit/algorithms/task_quantizer/scalar_adc.h>
#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief A large analog map, ADCs and an affine map or a network, one after the other on 64
 * vectors side by side: nothing is turned over or written as codes in between. The same
 * results, bit for bit, as from the parts.
 */
class column_chain
{
public:
    static constexpr std::size_t columns = 64;
    static constexpr unsigned max_levels = 64; // finer ADCs are searched, not counted

    //! Whether the stack has room, and no ADC is finer.
    static bool
    can_run(const row_network& first, const scalar_adc& adc, const row_network& last);

    //! \p values: the levels, as the digital map reads them
    column_chain(const std::vector<float>& gain,
                 const scalar_adc& adc,
                 const std::vector<float>& values);

    //! \p x [n_vectors][inputs of first] to \p y [n_vectors][outputs of last].
    void run(const row_network& first,
             const row_network& last,
             const float* x,
             std::size_t n_vectors,
             float* y) const noexcept;

private:
    kernels::column_adcs d_adcs;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_COLUMN_CHAIN_H */

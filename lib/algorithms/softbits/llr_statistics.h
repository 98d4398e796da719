/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_SOFTBITS_LLR_STATISTICS_H
#define INCLUDED_FEWBIT_SOFTBITS_LLR_STATISTICS_H

#include <functional>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief How exact LLRs of Gray QAM over Rayleigh fading fall into cells.
 *
 * Numerical integration over the fading gain (quantiles of the exponential distribution),
 * the amplitudes of one dimension, and its noise.
 *
 * \param bits_per_symbol K: 2, 4, 6 or 8
 * \param snr_db E|hx|^2 / E|n|^2, the mean over the fading
 * \param cells how many cells there are
 * \param cell_of the cell, below \p cells, of an LLR
 * \returns for each of the K/2 bits of one dimension, the probabilities of the cells
 */
std::vector<std::vector<double>>
rayleigh_llr_cells(unsigned bits_per_symbol,
                   double snr_db,
                   unsigned cells,
                   const std::function<unsigned(float)>& cell_of);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_SOFTBITS_LLR_STATISTICS_H */

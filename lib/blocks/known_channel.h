/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_KNOWN_CHANNEL_H
#define INCLUDED_FEWBIT_BLOCKS_KNOWN_CHANNEL_H

#include <gnuradio/fewbit/algorithms/task_quantizer/matrix.h>
#include <gnuradio/gr_complex.h>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

/*! \brief H, row by row [n][k], as real vectors see it: [Re; Im] where the antennas are
 * complex, its real part where they are not.
 * \param block whose parameter it is, for the sentence
 * \throws std::invalid_argument for another number of values
 */
inline algorithms::matrix real_channel(const std::string& block,
                                       const std::vector<gr_complex>& values,
                                       std::size_t n,
                                       std::size_t k,
                                       bool is_complex)
{
    if (values.size() != n * k)
        throw std::invalid_argument(block + ": the channel has " +
                                    std::to_string(values.size()) + " values, expected " +
                                    std::to_string(n) + " x " + std::to_string(k));
    if (is_complex)
        return algorithms::stacked({values.begin(), values.end()}, n, k);
    algorithms::matrix real(n, k);
    for (std::size_t i = 0; i < values.size(); ++i)
        real.values[i] = values[i].real();
    return real;
}

//! The variance of each real part of noise that has this one.
inline double noise_of_a_real(double noise_variance, bool is_complex)
{
    return is_complex ? noise_variance / 2 : noise_variance;
}

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_KNOWN_CHANNEL_H */

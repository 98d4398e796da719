/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_REAL_CHANNEL_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_REAL_CHANNEL_H

#include <gnuradio/fewbit/algorithms/detection/detector.h>
#include <complex>
#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! How a channel is brought to unit column energy on average, see real_channel.
struct channel_units {
    double s = 1;     //!< root of users / ||H||^2; 1 for a zero channel
    double scale = 1; //!< s c
    //! Of s c n, a real dimension; at least least_ridge times a symbol's energy.
    double variance = 1;
    double ridge = 1;    //!< variance over the energy (L^2 - 1) / 3 of a real symbol
    bool usable = false; //!< whether the numbers are in the range of what follows

    static constexpr double least_ridge = 1e-6;

    channel_units() = default;
    //! \param energy ||H||^2
    channel_units(double energy,
                  float noise_variance,
                  const detector_size& size) noexcept;
};

/*!
 * \brief A channel as the real model sees it, brought to unit column energy on average.
 *
 *   s c y = (s H) x + s c n,   x_i odd integers,   s^2 = users / ||H||^2
 *
 * with the real forms of H and y and c of docs/unfolded_detector.md. A channel that is scaled,
 * with y and n, gives the same numbers but for the scale.
 */
class real_channel
{
public:
    explicit real_channel(const detector_size& size);

    //! \returns false when the numbers leave the range of what follows
    bool take(const std::complex<float>* h, float noise_variance) noexcept;

    std::size_t rows() const noexcept { return d_rows; }       //!< 2 m
    std::size_t columns() const noexcept { return d_columns; } //!< 2 k
    //! Column by column, [columns][rows]: s H.
    const std::vector<double>& matrix() const noexcept { return d_matrix; }
    const channel_units& units() const noexcept { return d_units; }

private:
    detector_size d_size;
    std::size_t d_rows, d_columns;
    std::vector<double> d_matrix;
    channel_units d_units;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_REAL_CHANNEL_H */

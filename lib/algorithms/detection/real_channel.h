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
    double scale() const noexcept { return d_scale; } //!< s c
    //! Of s c n, a real dimension; at least least_ridge times a symbol's energy.
    double variance() const noexcept { return d_variance; }
    //! variance() over the energy (L^2 - 1) / 3 of a real symbol.
    double ridge() const noexcept { return d_ridge; }

    static constexpr double least_ridge = 1e-6;

private:
    std::size_t d_rows, d_columns;
    double d_energy; // of a real symbol
    std::vector<double> d_matrix;
    double d_scale = 1, d_variance = 1, d_ridge = 1;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_REAL_CHANNEL_H */

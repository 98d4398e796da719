/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_LINK_LINEAR_CHANNEL_H
#define INCLUDED_FEWBIT_ALGORITHMS_LINK_LINEAR_CHANNEL_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

class random_source;

/*!
 * \brief y = A s + w for vectors: a fixed matrix and white Gaussian noise.
 *
 * A is real or complex, m x k. The noise variance v is per real sample where y is real,
 * w_i ~ N(0, v), and E|w_i|^2 = v, half of it on each axis, where y is complex. A seed
 * repeats the noise and the errors of the matrix.
 *
 * Channel-state error: perturb(e) puts A_ij (1 + sqrt(e) n_ij) in place of A, n_ij ~ N(0, 1)
 * (for a complex A circular, E|n_ij|^2 = 1), drawn anew each time from the A that was given.
 *
 * NaN and infinity in s pass through to the y of the same vector.
 */
class FEWBIT_ALGORITHMS_API linear_channel
{
public:
    static constexpr std::size_t max_size = 1024; //!< of m and of k

    /*! \param matrix A, row by row [m][k]
     * \param m rows
     * \param k columns
     * \param noise_variance v, 0 for none
     * \param seed of everything that is drawn
     * \throws std::invalid_argument for sizes of 0 or above max_size or that do not fit, for
     * values that are not finite, for a noise variance that is negative or not finite
     */
    linear_channel(const std::vector<float>& matrix,
                   std::size_t m,
                   std::size_t k,
                   double noise_variance,
                   std::uint64_t seed = 1);
    linear_channel(const std::vector<std::complex<float>>& matrix,
                   std::size_t m,
                   std::size_t k,
                   double noise_variance,
                   std::uint64_t seed = 1);
    ~linear_channel();
    linear_channel(linear_channel&&) noexcept;
    linear_channel& operator=(linear_channel&&) noexcept;

    std::size_t outputs() const noexcept { return d_m; } //!< m
    std::size_t inputs() const noexcept { return d_k; }  //!< k
    bool is_complex() const noexcept { return d_complex; }
    double noise_variance() const noexcept { return d_noise_variance; }
    //! \throws std::invalid_argument when negative or not finite
    void set_noise_variance(double noise_variance);
    //! The matrix in use, its errors included, as complex numbers [m][k].
    const std::vector<std::complex<float>>& matrix() const noexcept { return d_used; }

    /*! \brief Draw errors of relative variance \p e, from now on.
     * \throws std::invalid_argument when negative or not finite */
    void perturb(double e);
    //! Back to the matrix that was given.
    void restore() noexcept;

    //! A real matrix: s [n][k] to y [n][m]. Of a complex matrix, its real part is used.
    void apply(const float* s, std::size_t n, float* y) noexcept;
    //! Real symbols, complex antennas.
    void apply(const float* s, std::size_t n, std::complex<float>* y) noexcept;
    //! Complex symbols, complex antennas.
    void
    apply(const std::complex<float>* s, std::size_t n, std::complex<float>* y) noexcept;

private:
    template <typename S>
    void apply_complex(const S* s, std::size_t n, std::complex<float>* y) noexcept;

    std::vector<std::complex<float>> d_given, d_used;
    std::size_t d_m, d_k;
    bool d_complex;
    double d_noise_variance;
    std::unique_ptr<random_source> d_random;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_LINK_LINEAR_CHANNEL_H */

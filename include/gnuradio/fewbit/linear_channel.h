/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_LINEAR_CHANNEL_H
#define INCLUDED_FEWBIT_LINEAR_CHANNEL_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/gr_complex.h>
#include <gnuradio/sync_block.h>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

/*!
 * \brief Send vectors through a fixed matrix and add white Gaussian noise: y = A s + w.
 * \ingroup fewbit
 *
 * \details
 * Input: items of k values s. Output: items of m values y (algorithms::linear_channel),
 * one for each; tags stay on their item. The noise variance is E|w_i|^2 of an output
 * value, real or complex; the stream tag \c noise_variance (double) tells it on the first
 * item and wherever it changed. Vectors that hold NaN or infinity are counted, logged
 * once and yield whatever IEEE arithmetic yields, for that vector alone.
 *
 * Setters take effect at the next item. Errors of the matrix (set_matrix_error()) model a
 * receiver that was designed for a channel slightly other than the one it meets.
 */
class FEWBIT_API linear_channel : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<linear_channel> sptr;

    /*!
     * \param matrix A, row by row [m][k]
     * \param m, k rows and columns, 1 to 1024
     * \param type of input and output: "complex", "float", or "float_to_complex"; for
     * float, A's real part counts
     * \param noise_variance E|w_i|^2, at least 0
     * \param matrix_error relative variance of the errors of A, at least 0
     * \param seed repeats noise and errors
     * \throws std::invalid_argument when one of them is not as said
     */
    static sptr make(const std::vector<gr_complex>& matrix,
                     std::size_t m,
                     std::size_t k,
                     const std::string& type = "complex",
                     double noise_variance = 0.1,
                     double matrix_error = 0.0,
                     std::uint64_t seed = 1);

    //! Another A of the same size, from now on. \throws std::invalid_argument for another
    //! size or a value that is not finite
    virtual void set_matrix(const std::vector<gr_complex>& matrix) = 0;
    //! A in use, its errors included, row by row.
    virtual std::vector<gr_complex> matrix() const = 0;
    virtual std::size_t outputs() const = 0; //!< m
    virtual std::size_t inputs() const = 0;  //!< k

    //! \throws std::invalid_argument when negative or not finite
    virtual void set_noise_variance(double noise_variance) = 0;
    virtual double noise_variance() const = 0;
    //! Set the noise variance to 10^(-snr_db / 10). \throws std::invalid_argument unless
    //! that is finite
    virtual void set_snr_db(double snr_db) = 0;

    //! Put A_ij (1 + sqrt(e) n_ij) in place of A, n_ij drawn now from N(0, 1); 0 takes all
    //! errors away. \throws std::invalid_argument when \p e is negative or not finite
    virtual void set_matrix_error(double e) = 0;
    //! Draw the errors anew.
    virtual void redraw_matrix() = 0;

    virtual std::map<std::string, std::uint64_t>
    counters() const = 0; //!< vectors, not_finite
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_LINEAR_CHANNEL_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_CHANNEL_QR_H
#define INCLUDED_FEWBIT_KERNELS_CHANNEL_QR_H

#include "complex_planes.h"
#include <complex>
#include <cstddef>

namespace gr {
namespace fewbit {
namespace kernels {

/*!
 * \brief QR of eight channels at once, each with its columns in an order of its own, a channel in
 * each lane.
 *
 *   [s H; sqrt(ridge) I] P = Q R,   H the real form [[Re, -Im], [Im, Re]] of m x k
 *
 * By Cholesky of the Gram matrix G = P^T (s^2 H^T H + ridge I) P in double precision, row after row
 * of R as the order is found, then Q's rows over H by substitution:
 *
 *   R_ij = (G_ij - sum_t<i R_ti R_tj) / R_ii,   Q_i = (s H_i - sum_t<i R_ti Q_t) / R_ii
 *
 * A ridge of 1e-6 of the columns' energy keeps the condition of G below 1e9 for up to 128 users, of
 * which double precision leaves seven digits.
 */
class channel_qr
{
public:
    static constexpr std::size_t lanes = 8;
    using planes = complex_planes<double, lanes>;

    channel_qr() = default;
    channel_qr(std::size_t antennas, std::size_t users);

    //! \p n <= 8 channels [n][m][k]; lanes beyond hold zeros.
    void load(const std::complex<float>* h, std::size_t n) noexcept;
    //! ||H||^2 of the complex matrix, after load() and before factor().
    double energy(std::size_t lane) const noexcept;
    /*! \brief Once after each load(). The order is V-BLAST's: from the last place on, the least
     * MMSE error of those left.
     *
     * \param scales s of every lane, such that columns have an energy of about 1
     * \param ridges of every lane, at least about 1e-6
     */
    void factor(const double* scales, const double* ridges) noexcept;

    //! Which column of H stands at place i.
    std::size_t column(std::size_t lane, std::size_t i) const noexcept
    {
        return static_cast<std::size_t>(d_order[i * lanes + lane]);
    }
    //! i <= j
    double r(std::size_t lane, std::size_t i, std::size_t j) const noexcept
    {
        return d_upper[(i * (d_columns + 1) + j) * lanes + lane];
    }
    //! Of the rows of H.
    float q(std::size_t lane, std::size_t row, std::size_t i) const noexcept
    {
        return d_filter[(row * d_columns + i) * lanes + lane];
    }

    //! What the kernel reads and writes; all of it [..][8].
    struct memory {
        std::size_t columns, padded; // padded: rows of H, a multiple of 8
        double*
            upper; // [columns][columns + 1]: R; rows of 2^n values would hinder the cache
        const double* gram;  // [columns]: row i of G without the ridge
        const double* order; // [columns]: which column stands there
        double* left;        // [columns]: what remains of the diagonal of G
        double* next;        // the place that has the least of it
        double* basis;       // [padded / 8][columns][8]: s H P, then Q
        float* filter;       // [padded][columns]: Q
    };

private:
    void scatter(const planes& gram, const double* factors) noexcept;
    void find_rows(const double* ridges, bool is_ordered) noexcept;
    void swap_places(std::size_t lane, std::size_t i, std::size_t j) noexcept;
    void find_basis(const double* scales) noexcept;
    memory all() noexcept;

    std::size_t d_columns = 0, d_inputs = 0, d_padded = 0;
    planes d_h, d_g, d_l, d_a;
    aligned_vector<double> d_rows_of_g;    // [lanes][users][im, re, -im][users]
    aligned_vector<double> d_columns_of_h; // [lanes][users][-im, re, im][antennas]
    aligned_vector<double> d_upper, d_gram, d_left, d_next, d_basis;
    aligned_vector<float> d_filter;
    aligned_vector<double>
        d_order; // [columns][lanes]: numbers, as the kernel compares them
};

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_CHANNEL_QR_H */

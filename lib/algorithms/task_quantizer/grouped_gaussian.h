/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_GROUPED_GAUSSIAN_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_GROUPED_GAUSSIAN_H

#include <array>
#include <cstddef>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Maximum likelihood of z = B . s + o + sigma w from counts of codes per class: one
 * ADC of gaussian_refit.
 *
 * theta = (B / sigma, o / sigma, 1 / sigma); the edges of a cell are then
 * theta_last t - theta . (s, 1), and the log-likelihood is concave in theta. With one threshold
 * the scale is not determined: 1 / sigma stays as it begins.
 */
class grouped_gaussian
{
public:
    static constexpr std::size_t max_users = 8;
    static constexpr std::size_t max_unknowns = max_users + 2;

    /*! \param thresholds [levels - 1], finite
     * \param users k; bit i of a class gives s_i = 1 - 2 b_i
     */
    grouped_gaussian(const double* thresholds,
                     unsigned levels,
                     std::size_t users) noexcept
        : d_thresholds(thresholds), d_levels(levels), d_users(users)
    {
    }

    /*! \brief Find theta.
     * \param counts of code and class at counts[code * 2^k + class], none negative
     * \returns false if there is no maximum to be found: theta is then of no meaning
     */
    bool fit(const double* counts) noexcept;

    //! log P(code | class) with the theta that fit() found.
    double log_probability(unsigned code, std::size_t class_) const noexcept;

private:
    using vector = std::array<double, max_unknowns>;
    using square = std::array<double, max_unknowns * max_unknowns>;
    struct cell;

    std::size_t unknowns() const noexcept { return d_users + 2; }
    cell cell_at(const vector& theta, unsigned code, std::size_t class_) const noexcept;
    bool begin(const double* counts) noexcept;
    double likelihood(const vector& theta, const double* counts) const noexcept;
    void
    derivatives(const double* counts, vector& gradient, square& curvature) const noexcept;
    bool step(const double* counts, double& value) noexcept;

    const double* d_thresholds;
    unsigned d_levels;
    std::size_t d_users;
    vector d_theta{};
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_GROUPED_GAUSSIAN_H */

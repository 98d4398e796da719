/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_GAUSSIAN_REFIT_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_GAUSSIAN_REFIT_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/refit_status.h>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace gr {
namespace fewbit {
namespace algorithms {

//! How gaussian_refit weighs its pilots.
struct FEWBIT_ALGORITHMS_API gaussian_refit_settings {
    double forgetting = 1.0; //!< lambda in (0, 1]: a pilot's weight after each later one
    double prior = 1.0;   //!< pilots of each class that the given table counts for, > 0
    double shape = 300.0; //!< pilots of each class that the fitted shape counts for, > 0
};

/*!
 * \brief Fits what a lookup's table is made of, gains, offset and noise at each ADC, to codes
 * of pilots: tens of pilots where lookup_refit needs thousands.
 *
 *     z_d = sum_i B_di s_i + o_d + sigma_d w,   w ~ N(0, 1),
 *     P(c | class) = Phi((t_{c+1} - mu) / sigma) - Phi((t_c - mu) / sigma),
 *
 * the thresholds t as designed, which the given table tells up to an offset and a scale; drift
 * of gains and offsets shows as other B, o and sigma. In the unknowns B / sigma, o / sigma and 1 / sigma the likelihood is concave (J.
 * Burridge, "A note on maximum likelihood estimation for regression models using grouped
 * data", 1981), and Newton's method finds its maximum. What the shape cannot follow, such as
 * thresholds that moved each on its own, is left to the counts, which have their say when
 * pilots are many:
 *
 *     P(code | class) ~ N(d, code, class) + shape P_fit(code | class).
 *
 * A class that no pilot shows follows the drift by the shape, which is of all classes.
 *
 * All memory is taken by the constructor: add() and solve() neither allocate nor throw.
 * solve() takes some 10 sum M_d 2^k evaluations of a cell, and what
 * digital_map::replace_lookup() does. For one thread at a time.
 */
class FEWBIT_ALGORITHMS_API gaussian_refit
{
public:
    /*! \param start the lookup to begin from, such as lookup_design()'s
     * \throws std::invalid_argument unless it is a lookup, and for settings out of range
     */
    explicit gaussian_refit(const digital_map& start,
                            const gaussian_refit_settings& settings = {});
    ~gaussian_refit();
    gaussian_refit(gaussian_refit&&) noexcept;
    gaussian_refit& operator=(gaussian_refit&&) noexcept;

    //! As lookup_refit::add().
    std::size_t
    add(const std::uint8_t* codes, const std::uint8_t* classes, std::size_t n) noexcept;

    /*! \brief Put the table in place in \p map; too_few_pilots: none since reset().
     * An ADC whose fit fails keeps the shape of the table that was given. */
    refit_status solve(digital_map& map) noexcept;

    void reset() noexcept;
    std::size_t adcs() const noexcept;     //!< p
    std::uint64_t pilots() const noexcept; //!< used since reset()

private:
    struct tables;
    std::unique_ptr<tables> d_tables;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_GAUSSIAN_REFIT_H */

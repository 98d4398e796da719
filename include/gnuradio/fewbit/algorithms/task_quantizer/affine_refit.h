/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_AFFINE_REFIT_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_AFFINE_REFIT_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/refit_status.h>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace gr {
namespace fewbit {
namespace algorithms {

//! How affine_refit weighs its pilots.
struct FEWBIT_ALGORITHMS_API affine_refit_settings {
    double forgetting = 1.0; //!< lambda in (0, 1]: a pilot's weight after each later one
    double ridge = 4.0;      //!< pull to the given map, in pilots per feature; at least 0
    std::size_t least_pilots = 0; //!< solve() refuses fewer; 0: as many as features
};

/*!
 * \brief Fits an affine digital map to pilots while running, so that drift of thresholds and
 * gains is undone without touching the analog side.
 *
 * With features f = [q; 1] and, for a map of J powers, f = [q; 1; (q; 1)/g; ...], weighted
 * least squares with a ridge around the map A_0 that was given:
 *
 *     min_A  sum_t lambda^(N - t) |s_t - A f_t|^2 + ridge F |(A - A_0) D|_F^2,
 *
 * D^2 the features' mean squares, so that the ridge counts in pilots whatever the levels'
 * scale. Weights that no pilot tells anything about stay as they were. The default does
 * not overfit to few pilots, and is forgotten over many times 4 F of them; 0 is plain least
 * squares. The normal equations are accumulated in float64 and solved by Cholesky's
 * factorisation.
 *
 * All memory is taken by the constructor: add() and solve() neither allocate nor throw. add()
 * takes about F (F / 2 + k) multiply-adds for each pilot, solve() F^3 / 6 + k F^2, with F = J
 * (p + 1) features. For one thread at a time.
 */
class FEWBIT_ALGORITHMS_API affine_refit
{
public:
    /*! \param start the map to begin from: its levels are read, its weights are A_0
     * \throws std::invalid_argument unless it is affine, and for settings out of range
     */
    explicit affine_refit(const digital_map& start,
                          const affine_refit_settings& settings = {});
    ~affine_refit();
    affine_refit(affine_refit&&) noexcept;
    affine_refit& operator=(affine_refit&&) noexcept;

    /*! \brief Take in pilots.
     * \param codes [n][p]
     * \param gains g of each [n], null for 1
     * \param s what should have come out [n][k]
     * \returns how many were used: those whose s and g are finite, g positive
     */
    std::size_t add(const std::uint8_t* codes,
                    const float* gains,
                    const float* s,
                    std::size_t n) noexcept;

    /*! \brief Fit, and put the result in place in \p map, a map of the shape that was given.
     *
     * too_few_pilots: fewer than asked for since reset(); singular: the pilots do not
     * determine the weights, and there is no ridge; not_finite: the sums have overflowed;
     * another_map: \p map is not of that shape. \p map changes only if the status is ok.
     */
    refit_status solve(digital_map& map) noexcept;

    //! Forget all pilots.
    void reset() noexcept;

    std::size_t adcs() const noexcept;     //!< p
    std::size_t outputs() const noexcept;  //!< k
    std::size_t features() const noexcept; //!< F
    std::uint64_t pilots() const noexcept; //!< used since reset()
    //! The sum of the pilots' weights: their number, where none is forgotten.
    double effective_pilots() const noexcept;

private:
    struct sums;
    std::unique_ptr<sums> d_sums;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_AFFINE_REFIT_H */

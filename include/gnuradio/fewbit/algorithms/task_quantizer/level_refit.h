/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_LEVEL_REFIT_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_LEVEL_REFIT_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/affine_refit.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/refit_status.h>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace gr {
namespace fewbit {
namespace algorithms {

//! How level_refit weighs its pilots: as affine_refit does, and
struct FEWBIT_ALGORITHMS_API level_refit_settings : affine_refit_settings {
    double level_prior = 20.0; //!< pilots of each code that its old level counts for, > 0
};

/*!
 * \brief affine_refit, and the level of each code as well: for thresholds that have moved
 * each on its own, which no affine map of the old levels can follow.
 *
 * A code's new level is what pilots that had it say, along the direction w_d in which its ADC
 * enters the estimate (column d of the map that was given):
 *
 *     m_d(c) = mean of w_d . s over pilots with c_d = c,
 *     level_d(c) = (m_d(c) - b_d) / a_d,   a_d, b_d: best line through m_d over the old levels,
 *
 * m_d(c) pulled to that line by level_prior pilots. The levels keep their scale by that. The
 * weights are then least squares over the new levels, as in affine_refit. The second moments
 * of one-hot codes are kept, so pilots are not: memory of (sum M_d)^2 float64 numbers.
 *
 * For maps of one power of the gain. All memory is taken by the constructor: add() and
 * solve() neither allocate nor throw. add() takes about p (p / 2 + k) additions a pilot, all
 * over that memory; solve() about (sum M_d)^2 / 2 + F^3 / 6 + k F^2, F = p + 1. For one thread
 * at a time.
 */
class FEWBIT_ALGORITHMS_API level_refit
{
public:
    static constexpr std::size_t max_levels = 2048; //!< sum M_d: 32 MB

    /*! \param start the map to begin from
     * \throws std::invalid_argument unless it is affine of one power and of at most
     * max_levels levels, and for settings out of range
     */
    explicit level_refit(const digital_map& start,
                         const level_refit_settings& settings = {});
    ~level_refit();
    level_refit(level_refit&&) noexcept;
    level_refit& operator=(level_refit&&) noexcept;

    //! As affine_refit::add().
    std::size_t add(const std::uint8_t* codes,
                    const float* gains,
                    const float* s,
                    std::size_t n) noexcept;

    //! As affine_refit::solve(); puts levels, weights and biases in place in \p map.
    refit_status solve(digital_map& map) noexcept;

    void reset() noexcept;

    std::size_t adcs() const noexcept;     //!< p
    std::size_t outputs() const noexcept;  //!< k
    std::size_t features() const noexcept; //!< F
    std::uint64_t pilots() const noexcept; //!< used since reset()

private:
    struct moments;
    std::unique_ptr<moments> d_moments;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_LEVEL_REFIT_H */

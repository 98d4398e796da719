/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_LOGISTIC_REFIT_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_LOGISTIC_REFIT_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/refit_status.h>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! What logistic_refit keeps and spends.
struct FEWBIT_ALGORITHMS_API logistic_refit_settings {
    std::size_t capacity = 2048; //!< pilots that are kept, the latest; 1 .. 2^20
    unsigned steps = 200;        //!< of gradient descent in each solve(), 1 .. 10000
    double ridge = 1e-5; //!< pull towards the table that was given, per pilot; at least 0
};

/*!
 * \brief Multinomial logistic regression on one-hot codes, for a lookup that follows drift.
 *
 * A lookup's score sum_d T[d][c_d][class] is linear in the one-hot codes. solve() lowers
 *
 *     -(1/N) sum_t log softmax(score_t)[class_t] + (ridge / 2) |T - T_0|^2
 *
 * over the latest pilots, T_0 the table that was given, by accelerated gradient steps
 * (Nesterov) of length 1 / L, L = p / 2 + ridge a bound of the curvature. Unlike
 * lookup_refit it does not assume that the ADCs' noise is independent given the class. A class
 * that no pilot shows is only pushed away from where the others' pilots lie: it stays about where
 * it was given, decided somewhat too seldom.
 *
 * All memory is taken by the constructor: add() and solve() neither allocate nor throw. A step
 * costs about 2 p 2^k multiply-adds and 2^k exponentials for each pilot. For one thread at a
 * time.
 */
class FEWBIT_ALGORITHMS_API logistic_refit
{
public:
    /*! \throws std::invalid_argument unless \p start is a lookup, and for settings out of
     * range */
    explicit logistic_refit(const digital_map& start,
                            const logistic_refit_settings& settings = {});

    //! As lookup_refit::add().
    std::size_t
    add(const std::uint8_t* codes, const std::uint8_t* classes, std::size_t n) noexcept;

    //! Put the table in place in \p map; too_few_pilots: none since reset().
    refit_status solve(digital_map& map) noexcept;

    void reset() noexcept;
    std::size_t adcs() const noexcept { return d_adc.adcs(); } //!< p
    std::uint64_t pilots() const noexcept { return d_pilots; } //!< used since reset()

private:
    void gradient_at(const std::vector<float>& table) noexcept;
    void add_up(const std::vector<float>& table,
                std::size_t first,
                std::size_t n,
                float* scores) const noexcept;
    void spread(const float* error, std::size_t pilot, float weight) noexcept;

    scalar_adc d_adc;
    std::size_t d_users;
    std::size_t d_classes;
    logistic_refit_settings d_settings;
    std::vector<float> d_start;          // T_0 [sum M_d][2^k]
    std::vector<std::uint8_t> d_codes;   // a ring [capacity][p]
    std::vector<std::uint8_t> d_sent;    // likewise [capacity]
    std::vector<float> d_table, d_ahead; // the iterate, and its extrapolation
    std::vector<float> d_gradient;
    std::uint64_t d_pilots = 0;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_LOGISTIC_REFIT_H */

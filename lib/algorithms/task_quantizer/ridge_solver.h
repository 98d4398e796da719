/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_RIDGE_SOLVER_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_RIDGE_SOLVER_H

#include <gnuradio/fewbit/algorithms/task_quantizer/digital_map.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/refit_status.h>
#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Least squares with a ridge around an affine map that is there: what affine_refit and
 * level_refit end with. Features are [q; 1] for each power of the gain.
 *
 * All memory is taken by the constructor.
 */
class ridge_solver
{
public:
    //! \param start A_0, an affine map
    explicit ridge_solver(const digital_map& start);

    std::size_t features() const noexcept { return d_features; }

    /*! \brief Solve for every output and put the result in place in \p map.
     *
     * \param normal sum f f^T, lower triangle row by row [F][F]
     * \param cross sum f s^T [F][k]
     * \param weight the sum of the pilots' weights, to make means of sums
     * \param pull the ridge, in the units of \p weight
     * \param level_values see digital_map::replace_affine()
     */
    refit_status solve(const std::vector<double>& normal,
                       const std::vector<double>& cross,
                       double weight,
                       double pull,
                       digital_map& map,
                       const float* level_values = nullptr) noexcept;

private:
    refit_status
    factor(const std::vector<double>& normal, double weight, double pull) noexcept;
    void solve_output(const std::vector<double>& normal,
                      const std::vector<double>& cross,
                      std::size_t output) noexcept;

    std::size_t d_adcs, d_outputs, d_features;
    std::vector<double> d_start;            // A_0 [k][F]
    std::vector<double> d_factor;           // Cholesky's [F][F]
    std::vector<double> d_solution;         // of one output [F]
    std::vector<float> d_weights, d_biases; // as digital_map wants them
};

//! What pilots may be like: s and the gain finite, the gain positive.
bool is_sound_pilot(const float* s, std::size_t outputs, float gain) noexcept;

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_RIDGE_SOLVER_H */

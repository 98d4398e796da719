/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_SPHERE_SEARCH_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_SPHERE_SEARCH_H

#include "algorithms/detection/soft_output.h"
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Depth-first search of a tree of real symbols for the least
 *
 *   sum_i (z_i - sum_j>=i R_ij x_j)^2 + ridge (a^2 - x_i^2),   a the outermost level
 *
 * and for the least that have a bit otherwise. sphere_detector.h has the how and why.
 */
class sphere_search
{
public:
    //! What is searched: rows of R from the diagonal on one after another, z by place.
    struct problem {
        const float* rows;
        const float* z;
        float ridge;
    };

    //! \param output tells levels and their bits; it must outlive this
    sphere_search(std::size_t columns, const soft_output& output);

    //! Visit at most \p nodes, of at least 2 columns. \returns whether that was enough
    bool find_best(const problem& p, std::size_t nodes) noexcept;
    //! Levels by place.
    const std::uint8_t* best() const noexcept { return d_best.data(); }
    float best_sum() const noexcept { return d_best_sum; }

    /*! \brief After find_best(): those that differ from the best in some bit.
     *
     * Sums beyond best_sum() + \p reach do not matter. \returns whether so many nodes were enough
     */
    bool find_rivals(const problem& p, float reach, std::size_t nodes) noexcept;
    //! The least sum seen with a level at a place; 1e29 where none was.
    float least(std::size_t place, std::size_t level) const noexcept
    {
        return d_least[place * d_levels + level];
    }
    float worst() const noexcept
    {
        return d_worst;
    } //!< the largest sum seen of a whole x

private:
    void enter(const problem& p, std::size_t place) noexcept;
    std::size_t take_next(std::size_t place) noexcept;
    void see(float sum) noexcept;
    float rivals_of(std::size_t place, std::size_t level) const noexcept;
    void bound_rivals(std::size_t from) noexcept;
    void meet_rival(float sum) noexcept;

    std::size_t d_columns, d_levels;
    unsigned d_bits; // of an axis
    std::vector<unsigned> d_axis_bits;
    std::vector<std::size_t> d_row; // where each row begins
    std::vector<float>
        d_costs;               // [columns][levels] at the path's places; done: taken away
    std::vector<float> d_sums; // [columns + 1]: of the places from there on
    std::vector<float> d_x;    // by place
    std::vector<std::uint8_t> d_path, d_best;
    float d_best_sum = 0, d_worst = 0;
    std::vector<float> d_least;  // [columns][levels]
    std::vector<float> d_rivals; // [columns][bits]: the least sum with that bit otherwise
    std::vector<float>
        d_below; // [columns + 1]: the greatest rival of places before this one
    std::vector<float> d_above; // [columns + 1]: of the path's bits from here on
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_SPHERE_SEARCH_H */

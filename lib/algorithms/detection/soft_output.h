/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_SOFT_OUTPUT_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_SOFT_OUTPUT_H

#include <gnuradio/fewbit/algorithms/link/soft_demapper.h>
#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief From estimates of real symbols to labels, complex symbols and LLRs.
 *
 * Estimates o are in the real model's units, levels -(L-1), .., L-1, and stacked: user i has I
 * at o[i] and Q at o[users + i]. A value's level is the number of thresholds -(L-2), .., L-2 that
 * it reaches (docs/unfolded_detector.md).
 */
class soft_output
{
public:
    soft_output(std::size_t users, unsigned bits_per_symbol);

    int levels() const noexcept { return d_levels; } //!< L of one axis
    //! c: the real model's units for one of a symbol of unit energy.
    float scale() const noexcept { return d_scale; }
    unsigned bits_per_symbol() const noexcept { return d_demapper.bits_per_symbol(); }

    //! The level of a value, from 0.
    int level(float o) const noexcept
    {
        int index = 0;
        for (int m = 2 - d_levels; m < d_levels; m += 2)
            index += o >= static_cast<float>(m);
        return index;
    }
    //! A level's axis bits read as a number, first bit highest.
    unsigned axis_bits(int level) const noexcept { return d_axis_bits[level]; }
    //! A label's bits that come from one axis' level.
    std::uint8_t i_label(int level) const noexcept { return d_i_label[level]; }
    std::uint8_t q_label(int level) const noexcept { return d_q_label[level]; }
    std::uint8_t label(int i_level, int q_level) const noexcept
    {
        return static_cast<std::uint8_t>(d_i_label[i_level] | d_q_label[q_level]);
    }

    void labels(const float* o, std::uint8_t* labels) const noexcept;
    void symbols(const float* o, std::complex<float>* symbols) const noexcept;
    /*! \brief LLRs of o = x + Gaussian noise.
     * \param variance of a real dimension, in the real model's units, one a user */
    void llrs(const float* o, const float* variance, float* llrs) noexcept;
    //! The same with a variance for each real dimension, [2 users].
    void axis_llrs(const float* o, const float* variance, float* llrs) noexcept;
    /*! \brief Max-log LLRs from the least sums of squares that were found.
     *
     * \param least [2 users][levels]; 1e29 where a level was not found
     * \param otherwise what stands for a bit's value that was not found
     * \param factor a sum's share in the exponent: 1 / (2 variance)
     */
    void list_llrs(const float* least,
                   float otherwise,
                   float factor,
                   float* llrs) const noexcept;

private:
    std::size_t d_users;
    int d_levels;
    float d_scale;
    soft_demapper d_demapper;
    std::array<std::uint8_t, 16> d_axis_bits{}, d_i_label{}, d_q_label{};
    std::vector<std::complex<float>> d_symbols, d_ones;
    std::vector<float> d_variance;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_SOFT_OUTPUT_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_LINK_QAM_MAPPER_H
#define INCLUDED_FEWBIT_ALGORITHMS_LINK_QAM_MAPPER_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Bits to square Gray QAM of unit mean energy, as 3GPP TS 38.211, 5.1 has it.
 *
 * The K bits b0..b(K-1) of a symbol give I from b0, b2, .. and Q from b1, b3, .., each
 * axis by itself. With c = 1 - 2b:
 *
 * | K | one axis |
 * |-|-|
 * | 2 | c0 / sqrt(2) |
 * | 4 | c0 (2 - c2) / sqrt(10) |
 * | 6 | c0 (4 - c2 (2 - c4)) / sqrt(42) |
 * | 8 | c0 (8 - c2 (4 - c4 (2 - c6))) / sqrt(170) |
 *
 * Bits are unpacked, one a byte; of a byte that is neither 0 nor 1 the lowest bit counts.
 */
class FEWBIT_ALGORITHMS_API qam_mapper
{
public:
    /*! \param bits_per_symbol K: 2, 4, 6 or 8
     * \throws std::invalid_argument for any other K
     */
    explicit qam_mapper(unsigned bits_per_symbol);

    unsigned bits_per_symbol() const noexcept { return d_bits_per_symbol; }

    //! The 2^(K/2) amplitudes of one axis, by that axis' bits read as a number, first bit
    //! highest.
    const std::vector<float>& levels() const noexcept { return d_levels; }

    //! The 2^K points, by their K bits read as a number, first bit highest.
    const std::vector<std::complex<float>>& points() const noexcept { return d_points; }

    //! Map \p n_symbols * K bits to \p n_symbols points.
    void map(const std::uint8_t* bits,
             std::size_t n_symbols,
             std::complex<float>* symbols) const noexcept;

private:
    unsigned d_bits_per_symbol;
    std::vector<float> d_levels;
    std::vector<std::complex<float>> d_points;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_LINK_QAM_MAPPER_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_CODING_INTERLEAVER_H
#define INCLUDED_FEWBIT_ALGORITHMS_CODING_INTERLEAVER_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Random interleaver with redundancy versions: which codeword bit is sent where.
 *
 * Transmitted bit i is codeword bit (permutation[i] + floor(rv * n / 4)) mod n. All n
 * bits are sent each time; the redundancy version moves them to other subcarriers and
 * other places in a symbol, so that a retransmission meets another channel.
 *
 * The permutation depends on n and seed only, on every machine alike. It is made by the
 * shuffle of Fisher and Yates: start from 0 .. n-1; for i = n-1 down to 1, swap entries i
 * and j, with j uniform in 0..i. A uniform number below m is x mod m of the first x drawn
 * that is below the largest multiple of m in 64 bits. Draws are those of SplitMix64 (G.
 * Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA
 * 2014) started at seed: s += 9E3779B97F4A7C15h; x = s; x = (x ^ x>>30) *
 * BF58476D1CE4E5B9h; x = (x ^ x>>27) * 94D049BB133111EBh; x ^= x>>31.
 */
class FEWBIT_ALGORITHMS_API interleaver
{
public:
    /*! \brief The interleaver of \p n bits that \p seed draws.
     * \throws std::invalid_argument when n is 0 or more than 2^20 */
    explicit interleaver(std::size_t n, std::uint64_t seed = 1);

    std::size_t size() const { return d_permutation.size(); }

    //! permutation[i] is the codeword bit that transmitted bit i carries in version 0.
    const std::vector<std::uint32_t>& permutation() const { return d_permutation; }

    /*! \brief Codeword order to transmitted order: size() bits, or anything else of one
     * byte.
     * \param rv redundancy version, counted modulo 4
     * \param in, out size() items each; must not overlap */
    void
    interleave(const std::uint8_t* in, std::uint8_t* out, unsigned rv = 0) const noexcept;
    //! \copydoc interleave
    void interleave(const float* in, float* out, unsigned rv = 0) const noexcept;

    //! Transmitted order back to codeword order: the inverse of interleave() of the same
    //! version.
    void deinterleave(const std::uint8_t* in,
                      std::uint8_t* out,
                      unsigned rv = 0) const noexcept;
    //! \copydoc deinterleave
    void deinterleave(const float* in, float* out, unsigned rv = 0) const noexcept;

private:
    std::vector<std::uint32_t> d_permutation;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_CODING_INTERLEAVER_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_LINK_RANDOM_SOURCE_H
#define INCLUDED_FEWBIT_ALGORITHMS_LINK_RANDOM_SOURCE_H

#include <cmath>
#include <complex>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Random numbers that a seed repeats on every machine: xoshiro256++ (Blackman and
 * Vigna, 2019), its state filled by splitmix64. The standard library's distributions
 * differ from one implementation to the next, hence our own.
 */
class random_source
{
public:
    explicit random_source(std::uint64_t seed)
    {
        for (auto& word : d_state) {
            seed += 0x9e3779b97f4a7c15u;
            std::uint64_t z = seed;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
            word = z ^ (z >> 31);
        }
    }

    std::uint64_t bits() noexcept
    {
        const std::uint64_t result = rotated(d_state[0] + d_state[3], 23) + d_state[0];
        const std::uint64_t t = d_state[1] << 17;
        d_state[2] ^= d_state[0];
        d_state[3] ^= d_state[1];
        d_state[1] ^= d_state[2];
        d_state[0] ^= d_state[3];
        d_state[2] ^= t;
        d_state[3] = rotated(d_state[3], 45);
        return result;
    }

    //! Uniform in [0, 1).
    double uniform() noexcept { return static_cast<double>(bits() >> 11) * 0x1p-53; }

    //! Circular complex Gaussian with E|z|^2 = 2 (unit variance an axis), by Marsaglia's
    //! polar method.
    std::complex<float> gaussian() noexcept
    {
        float u, v, s;
        do {
            const std::uint64_t word = bits();
            u = axis(static_cast<std::uint32_t>(word));
            v = axis(static_cast<std::uint32_t>(word >> 32));
            s = u * u + v * v;
        } while (s >= 1.0f);
        const float stretch = std::sqrt(-2.0f * std::log(s) / s);
        return {u * stretch, v * stretch};
    }

private:
    static std::uint64_t rotated(std::uint64_t x, int by) noexcept
    {
        return (x << by) | (x >> (64 - by));
    }

    // Uniform in (-1, 1), never 0: the odd multiples of 2^-24.
    static float axis(std::uint32_t word) noexcept
    {
        const auto odd = static_cast<std::int32_t>((word >> 8) * 2 + 1) - (1 << 24);
        return static_cast<float>(odd) * 0x1p-24f;
    }

    std::uint64_t d_state[4];
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_LINK_RANDOM_SOURCE_H */

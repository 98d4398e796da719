/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/coding/interleaver.h>

#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

// Written out, because the distributions of the standard library differ between
// libraries.
class split_mix
{
public:
    explicit split_mix(std::uint64_t seed) : d_state(seed) {}

    std::uint64_t draw()
    {
        std::uint64_t x = d_state += 0x9E3779B97F4A7C15u;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
        return x ^ (x >> 31);
    }

    std::uint64_t below(std::uint64_t m)
    {
        constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
        const std::uint64_t limit =
            most - (most % m + 1) % m; // the last of whole multiples
        std::uint64_t x = draw();
        while (x > limit)
            x = draw();
        return x % m;
    }

private:
    std::uint64_t d_state;
};

// Calls move(i, codeword bit that transmitted bit i carries) for every i.
template <typename Move>
void walk(const std::vector<std::uint32_t>& permutation, unsigned rv, Move move)
{
    const std::size_t n = permutation.size();
    const std::size_t turn = (rv % 4) * n / 4;
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t bit = permutation[i] + turn;
        move(i, bit >= n ? bit - n : bit);
    }
}

} // namespace

interleaver::interleaver(std::size_t n, std::uint64_t seed)
{
    if (n < 1 || n > (std::size_t{1} << 20))
        throw std::invalid_argument("interleaver: the size is " + std::to_string(n) +
                                    ", expected 1 to 1048576");
    d_permutation.resize(n);
    std::iota(d_permutation.begin(), d_permutation.end(), 0u);
    split_mix random(seed);
    for (std::size_t i = n - 1; i > 0; --i)
        std::swap(d_permutation[i], d_permutation[random.below(i + 1)]);
}

void interleaver::interleave(const std::uint8_t* in,
                             std::uint8_t* out,
                             unsigned rv) const noexcept
{
    walk(d_permutation, rv, [&](std::size_t i, std::size_t bit) { out[i] = in[bit]; });
}

void interleaver::interleave(const float* in, float* out, unsigned rv) const noexcept
{
    walk(d_permutation, rv, [&](std::size_t i, std::size_t bit) { out[i] = in[bit]; });
}

void interleaver::deinterleave(const std::uint8_t* in,
                               std::uint8_t* out,
                               unsigned rv) const noexcept
{
    walk(d_permutation, rv, [&](std::size_t i, std::size_t bit) { out[bit] = in[i]; });
}

void interleaver::deinterleave(const float* in, float* out, unsigned rv) const noexcept
{
    walk(d_permutation, rv, [&](std::size_t i, std::size_t bit) { out[bit] = in[i]; });
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

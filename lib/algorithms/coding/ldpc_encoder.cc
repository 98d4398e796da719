/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/coding/ldpc_encoder.h>

#include <algorithm>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

// Rows of bits packed into 64-bit words: [B | A], which elimination turns into [I | B^-1
// A].
class bit_matrix
{
public:
    bit_matrix(std::size_t rows, std::size_t columns)
        : d_words((columns + 63) / 64), d_bits(rows * d_words, 0)
    {
    }
    bool get(std::size_t r, std::size_t c) const
    {
        return (d_bits[r * d_words + c / 64] >> (c % 64)) & 1;
    }
    void toggle(std::size_t r, std::size_t c)
    {
        d_bits[r * d_words + c / 64] ^= std::uint64_t{1} << (c % 64);
    }
    void add_row(std::size_t from, std::size_t to)
    {
        for (std::size_t w = 0; w < d_words; ++w)
            d_bits[to * d_words + w] ^= d_bits[from * d_words + w];
    }
    void swap_rows(std::size_t a, std::size_t b)
    {
        std::swap_ranges(d_bits.begin() + a * d_words,
                         d_bits.begin() + (a + 1) * d_words,
                         d_bits.begin() + b * d_words);
    }

private:
    std::size_t d_words;
    std::vector<std::uint64_t> d_bits;
};

// H with its parity columns first.
bit_matrix parity_first(const ldpc_code& code)
{
    const std::size_t z = code.lifting(), n = code.codeword_bits();
    const std::size_t k = code.information_bits();
    bit_matrix h(n - k, n);
    for (std::size_t r = 0; r < code.base_rows(); ++r)
        for (const auto& edge : code.row(r))
            for (std::size_t i = 0; i < z; ++i) {
                const std::size_t bit = edge.column * z + (i + edge.shift) % z;
                h.toggle(r * z + i, bit >= k ? bit - k : bit + (n - k));
            }
    return h;
}

// Gauss-Jordan elimination of the first n - k columns.
void eliminate(bit_matrix& h, std::size_t checks, const std::string& name)
{
    for (std::size_t c = 0; c < checks; ++c) {
        std::size_t pivot = c;
        while (pivot < checks && !h.get(pivot, c))
            ++pivot;
        if (pivot == checks)
            throw std::invalid_argument(
                "ldpc_encoder: the parity part of code " + name +
                " is singular at column " + std::to_string(c) +
                "; order the columns so that the last n - k are invertible");
        if (pivot != c)
            h.swap_rows(pivot, c);
        for (std::size_t r = 0; r < checks; ++r)
            if (r != c && h.get(r, c))
                h.add_row(c, r);
    }
}

} // namespace

ldpc_encoder::ldpc_encoder(const ldpc_code& code) : d_code(code)
{
    const std::size_t k = code.information_bits();
    const std::size_t checks = code.codeword_bits() - k;
    bit_matrix h = parity_first(code);
    eliminate(h, checks, code.name());

    d_words = (checks + 63) / 64;
    d_parity_of.assign(k * d_words, 0);
    for (std::size_t bit = 0; bit < k; ++bit)
        for (std::size_t check = 0; check < checks; ++check)
            if (h.get(check, checks + bit))
                d_parity_of[bit * d_words + check / 64] |= std::uint64_t{1}
                                                           << (check % 64);
}

void ldpc_encoder::encode(const std::uint8_t* information,
                          std::uint8_t* codeword) const noexcept
{
    const std::size_t k = d_code.information_bits();
    const std::size_t checks = d_code.codeword_bits() - k;
    for (std::size_t bit = 0; bit < k; ++bit)
        codeword[bit] = information[bit] & 1;

    // A group of parity words at a time, so that the sums live in registers.
    constexpr std::size_t group = 4;
    for (std::size_t first = 0; first < d_words; first += group) {
        const std::size_t words = std::min(group, d_words - first);
        std::uint64_t sum[group] = {};
        for (std::size_t bit = 0; bit < k; ++bit) {
            const std::uint64_t mask = -static_cast<std::uint64_t>(codeword[bit]);
            const std::uint64_t* parity = &d_parity_of[bit * d_words + first];
            for (std::size_t w = 0; w < words; ++w)
                sum[w] ^= parity[w] & mask;
        }
        for (std::size_t i = first * 64; i < std::min(checks, (first + words) * 64); ++i)
            codeword[k + i] = (sum[i / 64 - first] >> (i % 64)) & 1;
    }
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_CODING_CDF_TABLE_H
#define INCLUDED_FEWBIT_ALGORITHMS_CODING_CDF_TABLE_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <cstddef>
#include <cstdint>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Check an integer CDF: the cumulative frequencies of an alphabet, in units of
 * 2^-16.
 *
 * A CDF of an alphabet of L symbols has L+1 entries: cdf[0] = 0, cdf[L] = 65536, and
 * cdf[s+1] - cdf[s] = 65536 P(symbol s) is at least 1 for every s. A symbol that "never
 * occurs" still needs its 1/65536: equal neighbours would make torchac's decoder (and any
 * that searches for a symbol by its lower bound) return the symbol that has no room.
 *
 * \throws std::invalid_argument in one sentence that names the first bad entry
 */
FEWBIT_ALGORITHMS_API void check_cdf(const std::int32_t* cdf, std::size_t entries);

/*!
 * \brief A checked CDF of up to 256 symbols, prepared for fast decoding.
 *
 * Besides the L+1 entries it holds, for each 1/256 of the range, the first symbol that
 * reaches into it, with all that a decoder needs of it. A decoder starts there and walks upwards; as each 1/256 is hit with
 * probability 1/256, a stream that was encoded with the same table walks less than L/256
 * steps a symbol on average, however sparse the CDF is.
 *
 * Plain memory of 3.3 KB with no pointers: an array of tables, one for each context, is
 * one block of memory.
 */
class FEWBIT_ALGORITHMS_API cdf_table
{
public:
    static constexpr std::size_t max_levels = 256;

    //! The table of an alphabet of one symbol, which takes no bits.
    cdf_table() noexcept;

    /*!
     * \param cdf L+1 entries as check_cdf() wants them, L from 1 to 256
     * \param entries L+1
     * \throws std::invalid_argument in one sentence
     */
    cdf_table(const std::int32_t* cdf, std::size_t entries);

    //! The alphabet's size, L.
    unsigned levels() const noexcept { return d_levels; }

    //! Lower bound of symbol \p s; with s = levels(), 65536. \p s must not exceed
    //! levels().
    std::uint32_t bound(unsigned s) const noexcept { return d_bounds[s]; }

    //! A symbol's counts, and their number's inverse().
    struct symbol_range {
        std::uint16_t first;
        std::uint16_t last; // included
        std::uint32_t inverse;
    };

    //! The symbol that holds the lowest count of slice \p slice (of 256).
    unsigned first_symbol(std::size_t slice) const noexcept
    {
        return d_first_symbols[slice];
    }

    //! The range of first_symbol().
    const symbol_range& first_range(std::size_t slice) const noexcept
    {
        return d_first_ranges[slice];
    }

    /*! \brief 2^31 over \p counts, 1 to 65536, rounded down; a little less than that.
     *
     * At most 2^31 / (counts + 2^-14). A decoder's interval, wider than 2^30 and cut by
     * bounds that are rounded, gives a symbol less than counts + 2^-14 of its 65536ths.
     */
    static constexpr std::uint32_t inverse(std::uint32_t counts) noexcept
    {
        return ((std::uint32_t{1} << 31) - (std::uint32_t{1} << 17)) / counts;
    }

private:
    void fill_slices() noexcept;

    std::uint32_t d_bounds[max_levels + 1];
    std::uint32_t d_levels;
    symbol_range d_first_ranges[256];
    std::uint8_t d_first_symbols[256];
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_CODING_CDF_TABLE_H */

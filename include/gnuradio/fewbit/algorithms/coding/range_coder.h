/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_CODING_RANGE_CODER_H
#define INCLUDED_FEWBIT_ALGORITHMS_CODING_RANGE_CODER_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/coding/cdf_table.h>
#include <cstddef>
#include <cstdint>

// The steps for one symbol must be part of the caller's loop: called, they take twice the
// time.
#define FEWBIT_ALGORITHMS_INLINE [[gnu::always_inline]] inline

namespace gr {
namespace fewbit {
namespace algorithms {

namespace detail {

// 2^46 over a span of [i 2^22, (i+1) 2^22), rounded down, for spans of 2^31 to 2^32.
struct reciprocal_table {
    std::uint16_t values[1025];
    constexpr reciprocal_table() : values{}
    {
        for (unsigned i = 512; i < 1025; ++i)
            values[i] = static_cast<std::uint16_t>((std::uint32_t{1} << 24) / (i + 1));
    }
};
inline constexpr reciprocal_table reciprocals;

FEWBIT_ALGORITHMS_INLINE std::uint64_t reciprocal(std::uint64_t span) noexcept
{
    return reciprocals.values[span >> 22];
}

/*! \brief How often the interval of \p width values is doubled until it is wide, or once
 * more than that.
 *
 * At most 18, since no symbol narrows the interval to less than 2^14; the width becomes
 * 2^31 to 2^32.
 */
FEWBIT_ALGORITHMS_INLINE int doublings(std::uint64_t width) noexcept
{
    return __builtin_clz(static_cast<std::uint32_t>(width - 1));
}

/*! \brief 1 when the last of the doublings() was one too many, else 0.
 *
 * That is when it carries the upper end beyond 32 bits. \p low and \p span are those
 * after that doubling; only the lowest 31 bits of the lower end count: a doubling always
 * ends with that end in the lower half.
 */
FEWBIT_ALGORITHMS_INLINE int one_too_many(std::uint64_t low, std::uint64_t span) noexcept
{
    return static_cast<int>(((low & 0x7fffffffu) + span - 1) >> 32);
}

// Eight bytes, the first one highest; compilers make it one load.
FEWBIT_ALGORITHMS_INLINE std::uint64_t load_big_endian(const std::uint8_t* p) noexcept
{
    const auto byte = [p](int i) { return std::uint64_t{p[i]} << (56 - 8 * i); };
    return byte(0) | byte(1) | byte(2) | byte(3) | byte(4) | byte(5) | byte(6) | byte(7);
}

} // namespace detail

/*!
 * \brief Arithmetic encoder with integer CDFs, byte for byte the one of torchac 0.9.3.
 *
 * The interval of span values from low, of 32 bits, is narrowed by a symbol of [c_low,
 * c_high) to
 *
 *     [low + (span c_low >> 16), low + (span c_high >> 16))
 *
 * and is then doubled until it is wide again (I. Witten, R. Neal, J. Cleary, "Arithmetic
 * coding for data compression", Comm. ACM 30(6), 1987): while it lies within one half of
 * the 32-bit range or within its middle half. Afterwards span > 2^30, so that every
 * symbol has room. The stream is the binary fraction that the lower end is before all the
 * doublings, rounded up to two bits of the last interval.
 *
 * Witten et al., and torchac, settle that fraction bit by bit and count the bits that
 * wait for a carry. Here all doublings of a symbol are one shift, and a carry is added to
 * what is written.
 *
 * The symbols may each have a CDF of their own. Neither their number nor the end of the
 * stream is written: the decoder must know how many to ask for.
 *
 * One object writes one stream. Nothing here allocates or throws. Fastest as a local
 * variable, which the compiler keeps in registers.
 */
class FEWBIT_ALGORITHMS_API range_encoder
{
public:
    //! Bytes that \p n symbols take at most, whatever their CDFs.
    static constexpr std::size_t max_bytes(std::size_t n) noexcept
    {
        // A symbol of probability 2^-16 narrows the interval to no less than 2^-16 (1 -
        // 2^-14) of it, since span > 2^30 and the bounds are rounded: 16.0001 bits. The
        // end takes 2 bits.
        return 2 * n + n / 4096 + 2;
    }

    //! Write into \p out, which has room for \p capacity bytes (max_bytes(n) is always
    //! enough).
    range_encoder(std::uint8_t* out, std::size_t capacity) noexcept
        : d_begin(out), d_out(out), d_end(out + capacity)
    {
    }

    /*! \brief Encode a symbol that takes [\p c_low, \p c_high) of 65536.
     *
     * 0 <= c_low < c_high <= 65536 is the caller's duty: a CDF that check_cdf() has
     * passed and a symbol below its levels give such bounds.
     */
    FEWBIT_ALGORITHMS_INLINE void encode(std::uint32_t c_low,
                                         std::uint32_t c_high) noexcept
    {
        const int shift = 16 + d_halved;
        const std::uint64_t below = (d_span * c_low) >> shift;
        const std::uint64_t width = ((d_span * c_high) >> shift) - below;
        add(below);
        const int n = detail::doublings(width);
        d_span = width << n;
        d_halved = detail::one_too_many((d_low << (1 + d_kept + n)) >> 33, d_span);
        d_kept += n - d_halved;
        // Six bits or more are kept, so that a carry rarely goes beyond them.
        write(d_kept < 6 ? 0 : (d_kept - 6) >> 3);
    }

    //! Encode \p symbol, below \p cdf.levels().
    FEWBIT_ALGORITHMS_INLINE void encode(const cdf_table& cdf, unsigned symbol) noexcept
    {
        encode(cdf.bound(symbol), cdf.bound(symbol + 1));
    }

    //! Encode \p symbol with a CDF that check_cdf() has passed.
    FEWBIT_ALGORITHMS_INLINE void encode(const std::int32_t* cdf,
                                         unsigned symbol) noexcept
    {
        encode(static_cast<std::uint32_t>(cdf[symbol]),
               static_cast<std::uint32_t>(cdf[symbol + 1]));
    }

    /*! \brief Settle the interval and pad the last byte with zeros; nothing may be
     * encoded after.
     *
     * \returns the stream's bytes, at least 1 (torchac writes one byte for no symbols at
     * all), or 0 when they did not fit: what was written is then useless
     */
    std::size_t finish() noexcept
    {
        // Two bits of the lower end, rounded up, name a quarter within the interval.
        add(std::uint64_t{1} << 30);
        d_low &= ~std::uint64_t{0} << (62 - d_kept);
        write((d_kept + 2 + 7) >> 3);
        return d_full ? 0 : static_cast<std::size_t>(d_out - d_begin);
    }

private:
    FEWBIT_ALGORITHMS_INLINE void add(std::uint64_t below) noexcept
    {
        const bool carry = __builtin_add_overflow(d_low, below << (32 - d_kept), &d_low);
        if (__builtin_expect(carry, 0)) // it goes into what is written
            for (std::uint8_t* p = d_out; p > d_begin && ++*--p == 0;) {
            }
    }

    // Write the first n bytes of the kept bits.
    FEWBIT_ALGORITHMS_INLINE void write(int n) noexcept
    {
        if (__builtin_expect(d_end - d_out >= 8, 1)) {
            // One store, of more bytes than are ready: the next one overwrites the
            // others.
            for (int i = 0; i < 8; ++i)
                d_out[i] = static_cast<std::uint8_t>(d_low >> (56 - 8 * i));
            d_out += n;
        } else {
            d_full |= d_end - d_out < n;
            d_out = write_at_the_end(d_out, d_end, d_low, n);
        }
        d_kept -= 8 * n;
        d_low <<= 8 * n;
    }

    // Write the n highest bytes of left, or as many as fit; returns the place after them.
    // Takes no reference to the object, which can thus live in registers.
    static std::uint8_t* write_at_the_end(std::uint8_t* out,
                                          std::uint8_t* end,
                                          std::uint64_t left,
                                          int n) noexcept;

    // The kept bits of the stream, highest first, then 32 bits of the lower end, then zeros.
    std::uint64_t d_low = 0;
    // The width before a doubling too many is taken back: d_span >> d_halved is the width.
    // A product with it need not wait for the other.
    std::uint64_t d_span = std::uint64_t{1} << 32;
    int d_halved = 0;
    int d_kept = 0; // bits that the doublings have settled, but for a carry: 13 at most
    bool d_full = false; // some bytes did not fit
    std::uint8_t* d_begin;
    std::uint8_t* d_out;
    std::uint8_t* d_end;
};

/*!
 * \brief The decoder of range_encoder's (and torchac's) streams.
 *
 * Any bytes decode to some symbols of the alphabet. A decoder that reaches the end of the
 * stream reads zeros from there on, as torchac's does; a stream whose length does not fit
 * its symbols shows in encoded_bytes().
 *
 * One object reads one stream. Nothing here allocates or throws. Fastest as a local
 * variable, which the compiler keeps in registers.
 */
class FEWBIT_ALGORITHMS_API range_decoder
{
public:
    //! Read \p n bytes, which must stay in place while the decoder is used; 0 bytes are
    //! zeros.
    range_decoder(const std::uint8_t* in, std::size_t n) noexcept
        : d_in(in),
          d_loads(static_cast<std::ptrdiff_t>(n) - 7),
          d_last_bytes(last_bytes(in, n)),
          d_offset(next_bits() >> 32),
          d_slice(d_offset >> 24)
    {
        d_position = 32;
    }

    //! Decode a symbol of \p cdf: below cdf.levels().
    FEWBIT_ALGORITHMS_INLINE unsigned decode(const cdf_table& cdf) noexcept
    {
        const std::size_t slice = d_slice;
        const cdf_table::symbol_range& range = cdf.first_range(slice);
        const std::uint64_t span = d_span;
        const int shift = 16 + d_halved;
        unsigned symbol = cdf.first_symbol(slice);
        std::uint64_t below = (span * range.first) >> shift;
        std::uint64_t above = (span * range.last + span) >> shift;
        std::uint64_t inverse = range.inverse;
        if (__builtin_expect(above <= d_offset, 0)) {
            do { // ends: the last bound is the span itself
                ++symbol;
                below = above;
                above = (span * cdf.bound(symbol + 1)) >> shift;
            } while (above <= d_offset);
            inverse = cdf_table::inverse(cdf.bound(symbol + 1) - cdf.bound(symbol));
        }
        // Where in the symbol's part of the interval the value lies is known before that
        // part has been doubled; only the bits to come are missing. Hence the next slice,
        //     256 (offset - below) / (above - below),   above - below = counts width / 2^16,
        // or one below it, never one above: the factors are at most 2^46 / span and
        // 2^31 / (counts + 2^-14), and span = width 2^halved.
        const std::uint64_t slices = detail::reciprocal(span) * inverse;
        d_slice = ((d_offset - below) * slices) >> (53 - d_halved);
        narrow(below, above);
        return symbol;
    }

    /*! \brief Decode a symbol with the \p levels + 1 entries of a CDF that check_cdf()
     * has passed.
     *
     * For CDFs that are used once: a binary search, with nothing prepared. Gives the same
     * symbols as a cdf_table.
     */
    FEWBIT_ALGORITHMS_INLINE unsigned decode(const std::int32_t* cdf,
                                             unsigned levels) noexcept
    {
        const std::uint64_t span = d_span >> d_halved;
        unsigned symbol = 0;
        for (unsigned end = levels; end - symbol > 1;) {
            const unsigned middle = symbol + (end - symbol) / 2;
            const bool is_above =
                ((span * static_cast<std::uint32_t>(cdf[middle])) >> 16) <= d_offset;
            symbol = is_above ? middle : symbol;
            end = is_above ? end : middle;
        }
        narrow((span * static_cast<std::uint32_t>(cdf[symbol])) >> 16,
               (span * static_cast<std::uint32_t>(cdf[symbol + 1])) >> 16);
        d_slice = (d_offset * detail::reciprocal(d_span)) >> (38 - d_halved);
        return symbol;
    }

    /*! \brief The bytes that an encoder of the symbols decoded so far would have written.
     *
     * After the last symbol this equals the stream's size if it is whole. A truncated or
     * damaged stream decodes to other symbols, which mostly take another number of bytes:
     * a check that costs nothing, though no replacement for a checksum.
     */
    std::size_t encoded_bytes() const noexcept { return (d_position - 32 + 2 + 7) / 8; }

private:
    // Only the offset of the stream's value from the interval's lower end matters; it
    // doubles with the interval.
    FEWBIT_ALGORITHMS_INLINE void narrow(std::uint64_t below,
                                         std::uint64_t above) noexcept
    {
        const std::uint64_t width = above - below;
        const std::uint64_t low = static_cast<std::uint32_t>(d_low + below);
        const int n = detail::doublings(width);
        d_span = width << n;
        d_halved = detail::one_too_many(low << n, d_span);
        d_low = static_cast<std::uint32_t>((low << n) >> d_halved);
        const std::uint64_t bits = (next_bits() >> 1) >> (63 - n);
        d_offset = (((d_offset - below) << n) | bits) >> d_halved;
        d_position += static_cast<std::size_t>(n - d_halved);
    }

    // 57 bits or more from the position on, highest first, then zeros.
    FEWBIT_ALGORITHMS_INLINE std::uint64_t next_bits() const noexcept
    {
        const auto at = static_cast<std::ptrdiff_t>(d_position >> 3);
        std::uint64_t word;
        if (__builtin_expect(at < d_loads, 1)) {
            word = detail::load_big_endian(d_in + at);
        } else {
            const std::ptrdiff_t passed =
                at - (d_loads - 1); // of the last bytes: 1 or more
            word = passed < 8 ? d_last_bytes << (8 * passed) : 0;
        }
        return word << (d_position & 7);
    }

    // The last eight bytes, the first one highest; fewer than eight are the lowest.
    static std::uint64_t last_bytes(const std::uint8_t* in, std::size_t n) noexcept;

    const std::uint8_t* d_in;
    std::ptrdiff_t d_loads;     // places with eight bytes to load; negative for few bytes
    std::uint64_t d_last_bytes; // what is read beyond them
    std::size_t d_position = 0; // of the next bit to come
    std::uint32_t d_low = 0;    // only its lowest 31 bits matter
    // As in range_encoder: d_span >> d_halved is the width.
    std::uint64_t d_span = std::uint64_t{1} << 32;
    int d_halved = 0;
    std::uint64_t d_offset; // the stream's value, less the interval's lower end
    std::size_t d_slice;    // of 256, where the offset lies, or one below it
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_CODING_RANGE_CODER_H */

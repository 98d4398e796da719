/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/coding/range_coder.h>
#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <random>
#include <stdexcept>
#include <vector>

using namespace gr::fewbit::algorithms;

namespace {

using cdf_row = std::vector<std::int32_t>;
using bytes = std::vector<std::uint8_t>;

// Levels that share 65536 counts: most of them have one, a few share the rest.
cdf_row sparse_cdf(unsigned levels, std::mt19937& random)
{
    std::vector<std::int32_t> counts(levels, 1);
    std::int32_t left = 65536 - static_cast<std::int32_t>(levels);
    for (int i = 0; i < 3 && left > 0; ++i) {
        const std::int32_t share = static_cast<std::int32_t>(random() % (left + 1u));
        counts[random() % levels] += share;
        left -= share;
    }
    counts[random() % levels] += left;
    cdf_row cdf(1, 0);
    for (const auto count : counts)
        cdf.push_back(cdf.back() + count);
    return cdf;
}

bytes encode(const std::vector<unsigned>& symbols, const cdf_row& cdf)
{
    bytes stream(range_encoder::max_bytes(symbols.size()));
    range_encoder coder(stream.data(), stream.size());
    for (const auto s : symbols)
        coder.encode(cdf.data(), s);
    stream.resize(coder.finish());
    return stream;
}

struct packet {
    cdf_row cdf;
    std::vector<unsigned> symbols;
};

// Symbols drawn evenly, so that the improbable ones are frequent and streams are long.
packet random_packet(std::mt19937& random)
{
    packet p;
    const unsigned levels = 2 + random() % 255;
    p.cdf = sparse_cdf(levels, random);
    p.symbols.resize(random() % 500);
    for (auto& s : p.symbols)
        s = random() % levels;
    return p;
}

} // namespace

BOOST_AUTO_TEST_CASE(both_decoders_return_the_symbols_and_the_stream_size)
{
    std::mt19937 random(1);
    for (int round = 0; round < 500; ++round) {
        const packet p = random_packet(random);
        const cdf_table table(p.cdf.data(), p.cdf.size());
        const bytes stream = encode(p.symbols, p.cdf);
        BOOST_REQUIRE(!stream.empty());
        range_decoder fast(stream.data(), stream.size());
        range_decoder plain(stream.data(), stream.size());
        bool equal = true;
        for (const auto s : p.symbols) {
            equal &= fast.decode(table) == s;
            equal &= plain.decode(p.cdf.data(), table.levels()) == s;
        }
        BOOST_REQUIRE(equal);
        BOOST_REQUIRE_EQUAL(fast.encoded_bytes(), stream.size());
        BOOST_REQUIRE_EQUAL(plain.encoded_bytes(), stream.size());
    }
}

BOOST_AUTO_TEST_CASE(the_least_probable_symbols_stay_within_the_promised_bytes)
{
    for (unsigned s : {0u, 1u, 2u}) { // at the lower end, within, at the upper end
        cdf_row cdf = s == 0   ? cdf_row{0, 1, 2, 65536}
                      : s == 1 ? cdf_row{0, 32767, 32768, 65536}
                               : cdf_row{0, 1, 65535, 65536};
        for (std::size_t n : {0, 1, 7, 1000, 100000}) {
            const bytes stream = encode(std::vector<unsigned>(n, s), cdf);
            BOOST_CHECK_GE(stream.size(), std::max<std::size_t>(1, 2 * n));
            range_decoder coder(stream.data(), stream.size());
            bool equal = true;
            for (std::size_t i = 0; i < n; ++i)
                equal &= coder.decode(cdf.data(), 3) == s;
            BOOST_CHECK(equal);
        }
    }
}

BOOST_AUTO_TEST_CASE(many_waiting_bits_are_written)
{
    // The middle third again and again keeps the interval around the middle for hundreds
    // of bits.
    const cdf_row cdf{0, 21845, 43691, 65536};
    for (unsigned last : {0u, 2u}) {
        std::vector<unsigned> symbols(400, 1);
        symbols.push_back(last);
        const bytes stream = encode(symbols, cdf);
        const cdf_table table(cdf.data(), cdf.size());
        range_decoder coder(stream.data(), stream.size());
        for (const auto s : symbols)
            BOOST_REQUIRE_EQUAL(coder.decode(table), s);
    }
}

BOOST_AUTO_TEST_CASE(a_buffer_that_is_too_small_is_reported_and_not_overrun)
{
    std::mt19937 random(2);
    for (int round = 0; round < 100; ++round) {
        const packet p = random_packet(random);
        const bytes stream = encode(p.symbols, p.cdf);
        for (std::size_t capacity :
             {std::size_t{0}, stream.size() / 2, stream.size() - 1, stream.size()}) {
            bytes out(capacity + 16, 0xee);
            range_encoder coder(out.data(), capacity);
            for (const auto s : p.symbols)
                coder.encode(p.cdf.data(), s);
            const std::size_t n = coder.finish();
            BOOST_REQUIRE_EQUAL(n, capacity == stream.size() ? capacity : 0);
            BOOST_REQUIRE(std::equal(out.begin(), out.begin() + n, stream.begin()));
            BOOST_REQUIRE(std::all_of(
                out.begin() + capacity, out.end(), [](auto b) { return b == 0xee; }));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_truncated_stream_decodes_as_if_zeros_followed)
{
    std::mt19937 random(3);
    for (int round = 0; round < 100; ++round) {
        const packet p = random_packet(random);
        bytes stream = encode(p.symbols, p.cdf);
        const std::size_t kept = random() % stream.size();
        const bytes cut(stream.begin(), stream.begin() + kept);
        std::fill(stream.begin() + kept, stream.end(), 0);
        stream.resize(stream.size() + 2000, 0);
        const cdf_table table(p.cdf.data(), p.cdf.size());
        range_decoder padded(stream.data(), stream.size());
        range_decoder truncated(cut.data(), cut.size());
        for (std::size_t i = 0; i < p.symbols.size(); ++i)
            BOOST_REQUIRE_EQUAL(truncated.decode(table), padded.decode(table));
    }
}

BOOST_AUTO_TEST_CASE(bytes_after_the_stream_do_not_matter)
{
    std::mt19937 random(5);
    for (std::size_t n = 0; n < 40; ++n) {
        const cdf_row cdf = sparse_cdf(2 + random() % 255, random);
        const cdf_table table(cdf.data(), cdf.size());
        bytes stream(n);
        for (auto& b : stream)
            b = static_cast<std::uint8_t>(random());
        bytes followed(stream);
        followed.resize(n + 300, 0xff);
        bytes padded(stream);
        padded.resize(n + 300, 0);
        range_decoder alone(stream.data(), n);
        range_decoder within(followed.data(), n);
        range_decoder expected(padded.data(), padded.size());
        for (int i = 0; i < 100; ++i) {
            const unsigned s = expected.decode(cdf.data(), table.levels());
            BOOST_REQUIRE_EQUAL(alone.decode(table), s);
            BOOST_REQUIRE_EQUAL(within.decode(table), s);
        }
    }
}

BOOST_AUTO_TEST_CASE(tables_and_plain_cdfs_may_alternate)
{
    std::mt19937 random(6);
    for (int round = 0; round < 200; ++round) {
        const packet p = random_packet(random);
        const cdf_row other = sparse_cdf(1 + random() % 256, random);
        const cdf_table table(p.cdf.data(), p.cdf.size());
        const unsigned other_levels = static_cast<unsigned>(other.size() - 1);
        bytes stream(range_encoder::max_bytes(2 * p.symbols.size()));
        range_encoder coder(stream.data(), stream.size());
        for (const auto s : p.symbols) {
            coder.encode(table, s);
            coder.encode(other.data(), s % other_levels);
        }
        stream.resize(coder.finish());
        range_decoder decoder(stream.data(), stream.size());
        for (const auto s : p.symbols) {
            BOOST_REQUIRE_EQUAL(decoder.decode(table), s);
            BOOST_REQUIRE_EQUAL(decoder.decode(other.data(), other_levels),
                                s % other_levels);
        }
        BOOST_REQUIRE_EQUAL(decoder.encoded_bytes(), stream.size());
    }
}

BOOST_AUTO_TEST_CASE(any_bytes_decode_to_symbols_of_the_alphabet_and_alike)
{
    std::mt19937 random(4);
    for (int round = 0; round < 500; ++round) {
        const cdf_row cdf = sparse_cdf(1 + random() % 256, random);
        const cdf_table table(cdf.data(), cdf.size());
        bytes noise(random() % 60);
        for (auto& b : noise)
            b = static_cast<std::uint8_t>(random());
        range_decoder fast(noise.data(), noise.size());
        range_decoder plain(noise.data(), noise.size());
        for (int i = 0; i < 200; ++i) {
            const unsigned s = fast.decode(table);
            BOOST_REQUIRE_LT(s, table.levels());
            BOOST_REQUIRE_EQUAL(plain.decode(cdf.data(), table.levels()), s);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_bad_cdf_is_refused)
{
    const std::vector<cdf_row> bad{{},
                                   {0},
                                   {1, 65536},
                                   {0, 65535},
                                   {0, 65537},
                                   {0, 5, 5, 65536},
                                   {0, 9, 5, 65536},
                                   {0, -1, 65536},
                                   {0, 70000, 65536}};
    for (const auto& cdf : bad)
        BOOST_CHECK_THROW(cdf_table(cdf.data(), cdf.size()), std::invalid_argument);
    cdf_row large(258);
    for (int i = 0; i < 258; ++i)
        large[i] = i == 257 ? 65536 : i;
    BOOST_CHECK_NO_THROW(check_cdf(large.data(), large.size()));
    BOOST_CHECK_THROW(cdf_table(large.data(), large.size()), std::invalid_argument);
}

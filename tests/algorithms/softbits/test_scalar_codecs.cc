/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
// What only C++ can see: no allocation after reserve(), answers to wrong counts, exact
// bounds.

#include <gnuradio/fewbit/algorithms/softbits/iq_csi_codec.h>
#include <gnuradio/fewbit/algorithms/softbits/max_mi_codec.h>
#include <gnuradio/fewbit/algorithms/softbits/uniform_codec.h>

#include <boost/test/unit_test.hpp>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <new>
#include <random>
#include <vector>

// GCC takes the inlined halves of a replaced new and delete for a mismatched pair.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

using namespace gr::fewbit::algorithms;

static std::atomic<long> allocations{0};

void* operator new(std::size_t size)
{
    allocations++;
    if (void* memory = std::malloc(size))
        return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

scalar_codebook small_codebook()
{
    scalar_codebook book;
    book.bits_per_symbol = 6;
    book.bits = 2;
    for (int k = 0; k < 6; k++) {
        book.thresholds.insert(book.thresholds.end(), {-2.0f, 0.0f, 2.0f});
        book.levels.insert(book.levels.end(), {-4.0f, -1.0f, 1.0f, 4.0f});
        book.cdf.insert(book.cdf.end(), {0, 10000, 30000, 50000, 65536});
    }
    return book;
}

std::vector<std::unique_ptr<softbit_codec>> codecs()
{
    std::vector<std::unique_ptr<softbit_codec>> all;
    all.push_back(std::make_unique<uniform_codec>(4, 8.0));
    all.push_back(std::make_unique<uniform_codec>(6, 16.0, 6, 13.0));
    all.push_back(std::make_unique<max_mi_codec>(small_codebook()));
    all.push_back(std::make_unique<iq_csi_codec>(iq_csi_settings{6, 0.5, 1.5, false}));
    all.push_back(std::make_unique<iq_csi_codec>(iq_csi_settings{6, 0.5, 2.0, true}));
    return all;
}

std::vector<float> some_llrs(std::size_t n)
{
    std::mt19937 bits(1);
    std::normal_distribution<float> normal(0.0f, 6.0f);
    std::vector<float> llrs(n);
    for (float& llr : llrs)
        llr = normal(bits);
    llrs[0] = std::numeric_limits<float>::quiet_NaN();
    llrs[1] = std::numeric_limits<float>::infinity();
    return llrs;
}

} // namespace

BOOST_AUTO_TEST_CASE(nothing_is_allocated_after_reserve)
{
    const auto llrs = some_llrs(648);
    std::vector<float> decoded(648);
    for (auto& codec : codecs()) {
        codec->reserve(648);
        std::vector<std::uint8_t> body(codec->max_body_bytes(648));
        const long before = allocations;
        for (std::size_t n : {648u, 6u, 0u, 324u, 648u}) {
            const std::size_t bytes = codec->encode(llrs.data(), n, body.data());
            BOOST_REQUIRE(bytes <= codec->max_body_bytes(n));
            BOOST_REQUIRE(codec->decode(body.data(), bytes, decoded.data(), n));
            codec->decode(body.data(), bytes / 2, decoded.data(), n);
        }
        const long after = allocations;
        BOOST_TEST_CONTEXT(codec->name()) { BOOST_TEST(after == before); }
    }
}

BOOST_AUTO_TEST_CASE(nothing_is_written_beyond_the_bound)
{
    for (auto& codec : codecs()) {
        codec->reserve(648);
        for (std::size_t n = 6; n <= 648; n += 6) {
            // The least likely packet: every LLR at its largest, signs alternating.
            std::vector<float> llrs(n);
            for (std::size_t i = 0; i < n; i++)
                llrs[i] = (i * 7 % 5 < 2) ? 1e9f : -1e9f;
            const std::size_t room = codec->max_body_bytes(n);
            std::vector<std::uint8_t> body(room + 16, 0xa5);
            const std::size_t bytes = codec->encode(llrs.data(), n, body.data());
            BOOST_REQUIRE(bytes > 0 && bytes <= room);
            for (std::size_t i = room; i < body.size(); i++)
                BOOST_REQUIRE(body[i] == 0xa5);
        }
    }
}

BOOST_AUTO_TEST_CASE(wrong_counts_are_answered_with_nothing)
{
    const auto llrs = some_llrs(1300);
    std::vector<float> decoded(1300, 1.0f);
    std::vector<std::uint8_t> body(8192);
    for (auto& codec : codecs()) {
        codec->reserve(648);
        BOOST_TEST(codec->encode(llrs.data(), 0, body.data()) == 0u);
        BOOST_TEST(codec->decode(body.data(), 0, decoded.data(), 0));
        if (codec->llrs_per_symbol() > 1) {
            BOOST_TEST(codec->encode(llrs.data(), 7, body.data()) == 0u);
            std::fill(decoded.begin(), decoded.end(), 1.0f);
            BOOST_TEST(!codec->decode(body.data(), 10, decoded.data(), 7));
            for (int i = 0; i < 7; i++)
                BOOST_TEST(decoded[i] == 0.0f);
        }
    }
    iq_csi_codec short_of_memory(iq_csi_settings{});
    BOOST_TEST(short_of_memory.encode(llrs.data(), 648, body.data()) == 0u);
    short_of_memory.reserve(642);
    BOOST_TEST(short_of_memory.encode(llrs.data(), 648, body.data()) == 0u);
    BOOST_TEST(short_of_memory.encode(llrs.data(), 642, body.data()) > 0u);
}

BOOST_AUTO_TEST_CASE(a_clone_has_the_same_room_and_writes_the_same)
{
    const auto llrs = some_llrs(648);
    for (auto& codec : codecs()) {
        codec->reserve(648);
        auto clone = codec->clone();
        BOOST_TEST(clone->id() == codec->id());
        std::vector<std::uint8_t> one(codec->max_body_bytes(648)), other(one.size());
        const std::size_t bytes = codec->encode(llrs.data(), 648, one.data());
        codec.reset();
        BOOST_TEST(clone->encode(llrs.data(), 648, other.data()) == bytes);
        BOOST_TEST(one == other, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(senseless_codebooks_are_refused)
{
    const auto refused = [](void (*spoil)(scalar_codebook&)) {
        scalar_codebook book = small_codebook();
        spoil(book);
        BOOST_CHECK_THROW(max_mi_codec{book}, std::invalid_argument);
    };
    refused([](scalar_codebook& b) { b.bits = 3; });
    refused([](scalar_codebook& b) { b.bits_per_symbol = 4; });
    refused([](scalar_codebook& b) { b.bits_per_symbol = 0; });
    refused([](scalar_codebook& b) { b.levels.pop_back(); });
    refused([](scalar_codebook& b) { b.levels[3] = std::nanf(""); });
    refused([](scalar_codebook& b) { b.thresholds[4] = 5.0f; });
    refused([](scalar_codebook& b) { b.cdf[5] = 1; });
    refused([](scalar_codebook& b) { b.cdf[2] = b.cdf[1]; });
    BOOST_CHECK_THROW(uniform_codec(1, 8.0), std::invalid_argument);
    BOOST_CHECK_THROW(uniform_codec(4, 0.0), std::invalid_argument);
    BOOST_CHECK_THROW(uniform_codec(4, 8.0, 5, 13.0), std::invalid_argument);
    BOOST_CHECK_THROW(iq_csi_codec(iq_csi_settings{2, 0.5, 1.5, false}),
                      std::invalid_argument);
    BOOST_CHECK_THROW(iq_csi_codec(iq_csi_settings{6, 0.0, 1.5, false}),
                      std::invalid_argument);
}

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/bundle.h>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <fstream>
#include <limits>
#include <string>
#include <thread>
#include <vector>

using namespace gr::fewbit::algorithms;

namespace {

// A bundle with this configuration (its quotes escaped, as it stands in a JSON string).
bundle with_config(const std::string& config)
{
    const std::string path = "test_bundle_accessors.safetensors";
    const std::string header =
        R"({"__metadata__":{"fewbit.kind":"k","fewbit.format":"1","fewbit.config":")" +
        config + R"("},"t":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}})";
    std::string file(8, '\0');
    file[0] = static_cast<char>(header.size() & 0xff);
    file[1] = static_cast<char>(header.size() >> 8);
    file += header + std::string("\x01\x02\x03\xff", 4);
    std::ofstream(path, std::ios::binary) << file;
    const bundle loaded = bundle::load(path, "k");
    std::remove(path.c_str());
    return loaded;
}

template <typename Call>
std::string sentence_of(const Call& call)
{
    try {
        call();
    } catch (const bundle_error& error) {
        return error.what();
    }
    return "";
}

} // namespace

BOOST_AUTO_TEST_CASE(configuration_values_are_typed_and_bounded)
{
    const auto b = with_config(
        R"({\"i\":6,\"n\":-3,\"x\":2.5,\"t\":\"text\",\"a\":[1,2.5],\"b\":true,)"
        R"(\"huge\":18446744073709551615,\"m\":[1,\"2\"]})");
    BOOST_CHECK_EQUAL(b.config_integer("i", 2, 10), 6);
    BOOST_CHECK_EQUAL(b.config_integer("n", -3, -3), -3);
    BOOST_CHECK_EQUAL(b.config_number("x", 0, 3), 2.5);
    BOOST_CHECK_EQUAL(b.config_number("i", 6, 6), 6.0);
    BOOST_CHECK_EQUAL(b.config_string("t"), "text");
    BOOST_CHECK((b.config_numbers("a", 2) == std::vector<double>{ 1, 2.5 }));
    BOOST_CHECK(b.has_config("b") && !b.has_config("absent"));

    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    for (const auto* key : { "x", "t", "a", "b", "huge", "absent" })
        BOOST_CHECK_THROW(b.config_integer(key, least, most), bundle_error);
    BOOST_CHECK_THROW(b.config_integer("i", 7, 10), bundle_error);
    BOOST_CHECK_THROW(b.config_integer("i", 2, 5), bundle_error);
    for (const auto* key : { "t", "a", "b", "absent" })
        BOOST_CHECK_THROW(b.config_number(key, -1e9, 1e9), bundle_error);
    BOOST_CHECK_THROW(b.config_number("x", 3, 4), bundle_error);
    for (const auto* key : { "i", "m", "b", "absent" })
        BOOST_CHECK_THROW(b.config_numbers(key, 2), bundle_error);
    BOOST_CHECK_THROW(b.config_numbers("a", 3), bundle_error);
    for (const auto* key : { "i", "a", "b", "absent" })
        BOOST_CHECK_THROW(b.config_string(key), bundle_error);
}

BOOST_AUTO_TEST_CASE(an_error_names_file_field_found_and_expected)
{
    const auto b = with_config(R"({\"i\":6})");
    BOOST_CHECK_EQUAL(sentence_of([&] { b.config_integer("i", 7, 8); }),
                      "bundle 'test_bundle_accessors.safetensors': config 'i' is '6', "
                      "expected an integer from 7 to 8");
    BOOST_CHECK_EQUAL(sentence_of([&] { throw b.refusal("tensor 't'", "odd", "even"); }),
                      "bundle 'test_bundle_accessors.safetensors': tensor 't' is odd, "
                      "expected even");
}

BOOST_AUTO_TEST_CASE(integers_are_little_endian_and_signed)
{
    const auto b = with_config("{}");
    BOOST_CHECK_EQUAL(b.i32("t", { 1 }).front(), -0x00fcfdff);
    BOOST_CHECK(b.has_tensor("t") && !b.has_tensor("u"));
    BOOST_CHECK_EQUAL(b.tensor("t").dtype, "I32");
    BOOST_CHECK_THROW(b.tensor("u"), bundle_error);
}

BOOST_AUTO_TEST_CASE(a_copy_keeps_the_values_and_serves_other_threads)
{
    auto* original = new bundle(with_config("{}"));
    const std::vector<std::int32_t>& values = original->i32("t", { 1 });
    const bundle copy = *original;
    delete original;
    std::vector<std::thread> threads;
    std::vector<int> sums(4, 0);
    for (int& sum : sums)
        threads.emplace_back([&] { sum = copy.i32("t", { 1 }).front(); });
    for (auto& thread : threads)
        thread.join();
    for (const int sum : sums)
        BOOST_CHECK_EQUAL(sum, values.front());
}

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "oracles/counted_allocations.h"
#include <gnuradio/fewbit/algorithms/instruction_sets.h>
#include <gnuradio/fewbit/algorithms/softbits/codec.h>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <vector>

using namespace gr::fewbit::algorithms;

namespace {

// A softbit_codec bundle of random weights, K = 6, written tensor by tensor.
class random_bundle
{
public:
    explicit random_bundle(int contexts)
        : d_path("test_codec_memory_" + std::to_string(contexts) + ".safetensors")
    {
        const int widths[2][6] = {{6, 24, 24, 24, 24, 3}, {3, 24, 24, 24, 24, 6}};
        for (int part = 0; part < 2; part++)
            for (int i = 0; i < 5; i++) {
                const std::string name =
                    std::string(part ? "decoder." : "encoder.") + std::to_string(i);
                add(name + ".weight", {widths[part][i + 1], widths[part][i]});
                add(name + ".bias", {widths[part][i + 1]});
            }
        add("codebook", {64}, [](int i) { return -0.8f + 1.6f / 63 * i; });
        if (contexts > 1) {
            add("context_table", {3, 6, 64});
            add("context_thresholds", {3, contexts - 1}, [contexts](int i) {
                return static_cast<float>(i % (contexts - 1)) - 3.0f;
            });
            add("context_start", {3});
        }
        add_words("cdf", "I32", {3, contexts, 65}, [](int i) { return 1024 * (i % 65); });
        write(contexts);
    }
    ~random_bundle() { std::remove(d_path.c_str()); }

    const std::string& path() const { return d_path; }

private:
    void add(const std::string& name, const std::vector<int>& shape)
    {
        add(name, shape, [this](int) { return d_normal(d_random); });
    }

    template <class F>
    void add(const std::string& name, const std::vector<int>& shape, F value)
    {
        add_words(name, "F32", shape, value);
    }

    template <class F>
    void add_words(const std::string& name,
                   const char* type,
                   const std::vector<int>& shape,
                   F value)
    {
        int count = 1;
        std::string sizes;
        for (int size : shape) {
            count *= size;
            sizes += (sizes.empty() ? "" : ",") + std::to_string(size);
        }
        d_header += ",\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":[" + sizes +
                    "],\"data_offsets\":[" + std::to_string(d_data.size()) + ",";
        for (int i = 0; i < count; i++) {
            const auto word = value(i);
            static_assert(sizeof(word) == 4, "F32 and I32");
            d_data.append(reinterpret_cast<const char*>(&word), sizeof(word));
        }
        d_header += std::to_string(d_data.size()) + "]}";
    }

    void write(int contexts)
    {
        const std::string config =
            R"({\"bits_per_symbol\":6,\"hidden\":24,\"latents\":3,\"levels\":64,\"contexts\":)" +
            std::to_string(contexts) +
            R"(,\"llr_sign\":\"positive_is_1\",\"llr_clip\":20,\"cdf_precision\":16})";
        const std::string header =
            R"({"__metadata__":{"fewbit.kind":"softbit_codec","fewbit.format":"1",)"
            R"("fewbit.config":")" +
            config + "\"}" + d_header + "}";
        const std::uint64_t size = header.size();
        std::ofstream out(d_path, std::ios::binary);
        for (int i = 0; i < 8; i++)
            out.put(static_cast<char>(size >> (8 * i)));
        out << header << d_data;
    }

    std::string d_path;
    std::string d_header;
    std::string d_data;
    std::mt19937 d_random{1};
    std::normal_distribution<float> d_normal{0.0f, 0.3f};
};

void check_that_nothing_is_allocated(const std::string& specification)
{
    const std::size_t n = 648;
    const auto codec = make_softbit_codec(specification);
    std::mt19937 random(2);
    std::normal_distribution<float> normal(0.0f, 6.0f);
    std::vector<float> llrs(n), decoded(n);
    for (auto& llr : llrs)
        llr = normal(random);
    std::vector<std::uint8_t> body(codec->max_body_bytes(n));
    codec->reserve(n);

    const std::size_t before = allocations;
    for (std::size_t length : {n, n / 2, std::size_t{24}, n}) {
        const std::size_t bytes = codec->encode(llrs.data(), length, body.data());
        BOOST_REQUIRE(bytes > 0 && bytes <= body.size());
        BOOST_REQUIRE(codec->decode(body.data(), bytes, decoded.data(), length));
        codec->decode(body.data(), bytes / 2, decoded.data(), length);
    }
    const std::size_t during = allocations - before;
    BOOST_TEST(during == 0u, specification << " allocated " << during << " times");
}

} // namespace

BOOST_AUTO_TEST_CASE(nothing_is_allocated_after_reserve)
{
    const random_bundle plain(1), with_contexts(8);
    for (const auto& set : instruction_sets()) {
        use_instruction_set(set);
        check_that_nothing_is_allocated("float");
        check_that_nothing_is_allocated("learned:" + plain.path());
        check_that_nothing_is_allocated("learned:" + with_contexts.path());
    }
    use_instruction_set("");
}

BOOST_AUTO_TEST_CASE(more_than_was_reserved_is_refused)
{
    const random_bundle bundle(1);
    const auto codec = make_softbit_codec("learned:" + bundle.path());
    std::vector<float> llrs(648, 1.0f);
    std::vector<std::uint8_t> body(codec->max_body_bytes(648));
    BOOST_TEST(codec->encode(llrs.data(), 6, body.data()) == 0u);
    codec->reserve(60);
    BOOST_TEST(codec->encode(llrs.data(), 60, body.data()) > 0u);
    BOOST_TEST(codec->encode(llrs.data(), 61, body.data()) == 0u);
    BOOST_TEST(codec->encode(llrs.data(), 66, body.data()) == 0u);
    BOOST_TEST(!codec->decode(body.data(), 10, llrs.data(), 66));
    for (int i = 0; i < 66; i++)
        BOOST_TEST(llrs[i] == 0.0f);
}

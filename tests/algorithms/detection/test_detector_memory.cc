/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "oracles/counted_allocations.h"
#include <gnuradio/fewbit/algorithms/detection/detector.h>
#include <gnuradio/fewbit/algorithms/instruction_sets.h>
#include <gnuradio/fewbit/algorithms/link/mimo_channel.h>
#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

using namespace gr::fewbit::algorithms;
using cfloat = std::complex<float>;

namespace {

constexpr std::size_t antennas = 5, users = 3, bits = 4, n_channels = 21, block_len = 7;
constexpr std::size_t n_vectors = n_channels * block_len;

// Results with a margin that must stay as it was.
template <typename T>
struct guarded {
    guarded(std::size_t n, T m) : size(n), mark(m), values(n + 64, m) {}
    bool intact() const
    {
        return std::all_of(
            values.begin() + size, values.end(), [&](const T& v) { return v == mark; });
    }
    std::size_t size;
    T mark;
    std::vector<T> values;
};

struct received {
    received() : y(n_vectors * antennas), h(n_channels * antennas * users)
    {
        mimo_settings settings;
        settings.receive_antennas = antennas;
        settings.users = users;
        settings.block_len = block_len;
        settings.noise_variance = 0.1;
        const std::vector<cfloat> x(n_vectors * users, cfloat(0.3f, -0.9f));
        mimo_channel(settings).apply(x.data(), n_channels, y.data(), h.data());
        y[3] = NAN; // one vector is erased
    }
    std::vector<cfloat> y, h;
};

// The bundle of an ADMM-Net of three layers whose tables hold one knot of zeros.
class network_file
{
public:
    network_file(const std::string& arithmetic, int received_bits, bool failures = false)
        : d_path("test_detector_memory_" + arithmetic + (failures ? "_failures" : "") +
                 ".safetensors")
    {
        const std::pair<const char*, std::size_t> layer_tensors[] = {
            {"denoiser.constant.log", 2},
            {"denoiser.slope.log", 2},
            {"gain.dual.log", 2},
            {"gain.estimate.log", 2},
            {"memory.log", 2},
            {"output.constant.log", 0},
            {"output.slope.log", 0},
            {"rho.log", 0},
            {"snr_db", 0}};
        for (const auto& [name, layers] : layer_tensors)
            add(name, layers ? "1,2" : "1", layers ? 2 : 1);
        add("step.alpha", "2", 2);
        add("step.gamma", "2", 2);
        if (failures) {
            add("output.foreseen.log", "1", 1);
            add("output.snr_db", "1", 1);
            for (const char* name :
                 {"spread", "failure.weight", "failure.spread", "failure.unseen"})
                add("output." + std::string(name) + ".log", "1,1", 1);
        }
        const std::string bits_of = std::to_string(received_bits);
        const std::string config =
            text("network", "admm") + text("denoiser", "staircase") +
            text("tau", "per_coordinate") + text("arithmetic", arithmetic) +
            text("diagonal", "inside") + text("llr_sign", "positive_is_1") +
            number("layers", "3") + number("users", std::to_string(users)) +
            number("antennas", std::to_string(antennas)) +
            number("bits_per_symbol", std::to_string(bits)) + number("matrix_bits", "8") +
            number("activation_bits", "8") + number("filter_bits", bits_of) +
            number("input_bits", bits_of) + number("fraction_bits", "9");
        const std::string header =
            R"({"__metadata__":{"fewbit.kind":"unfolded_detector","fewbit.format":"1",)"
            R"("fewbit.config":"{)" +
            config.substr(1) + R"(}"})" + d_tensors + "}";
        std::string file(8, '\0');
        file[0] = static_cast<char>(header.size() & 0xff);
        file[1] = static_cast<char>(header.size() >> 8);
        std::ofstream(d_path, std::ios::binary)
            << file << header << std::string(4 * d_floats, '\0');
    }
    ~network_file() { std::remove(d_path.c_str()); }
    network_file(const network_file&) = delete;
    network_file& operator=(const network_file&) = delete;

    std::string specification() const { return "unfolded:" + d_path; }

private:
    std::string d_path, d_tensors;
    std::size_t d_floats = 0;

    void add(const std::string& name, const std::string& shape, std::size_t floats)
    {
        d_tensors += ",\"" + name + R"(":{"dtype":"F32","shape":[)" + shape +
                     R"(],"data_offsets":[)" + std::to_string(4 * d_floats) + "," +
                     std::to_string(4 * (d_floats + floats)) + "]}";
        d_floats += floats;
    }
    static std::string number(const std::string& key, const std::string& value)
    {
        return R"(,\")" + key + R"(\":)" + value;
    }
    static std::string text(const std::string& key, const std::string& value)
    {
        return number(key, R"(\")" + value + R"(\")");
    }
};

const network_file float32("float32", 0), quantized("quantized", 6), int8("int8", 0),
    float32_failures("float32", 0, true), int8_failures("int8", 0, true);

const std::vector<std::string> specifications{"zf",
                                              "lmmse",
                                              "vblast",
                                              "kbest:k=5",
                                              "ep:iterations=2",
                                              "sphere",
                                              "ml",
                                              float32.specification(),
                                              quantized.specification(),
                                              int8.specification(),
                                              float32_failures.specification(),
                                              int8_failures.specification()};

} // namespace

BOOST_AUTO_TEST_CASE(detectors_allocate_nothing_and_stay_in_their_results)
{
    const received r;
    const std::vector<float> noise(n_channels, 0.1f);
    for (const auto& set : instruction_sets()) {
        use_instruction_set(set);
        for (const auto& text : specifications) {
            const auto found = make_detector(text, {antennas, users, bits});
            found->reserve(n_channels);
            guarded<std::uint8_t> labels(n_vectors * users, 77);
            guarded<cfloat> symbols(n_vectors * users, cfloat(77, 0));
            guarded<float> llrs(n_vectors * users * bits, 77.0f);
            const std::size_t before = allocations;
            const std::size_t unusable =
                found->prepare(r.h.data(), noise.data(), n_channels);
            const std::size_t erased = found->detect(r.y.data(),
                                                     n_vectors,
                                                     block_len,
                                                     labels.values.data(),
                                                     symbols.values.data(),
                                                     llrs.values.data());
            const std::size_t allocated = allocations - before;
            BOOST_TEST(allocated == 0u, text);
            BOOST_TEST(unusable == 0u);
            BOOST_TEST(erased == 1u);
            BOOST_TEST((labels.intact() && symbols.intact() && llrs.intact()), text);
        }
    }
    use_instruction_set("");
}

BOOST_AUTO_TEST_CASE(blocks_go_on_where_a_call_began_within_one)
{
    const received r;
    const std::vector<float> noise(n_channels, 0.1f);
    const auto found = make_detector("lmmse", {antennas, users, bits});
    found->reserve(n_channels);
    found->prepare(r.h.data(), noise.data(), n_channels);
    std::vector<float> whole(n_vectors * users * bits), parts(whole.size());
    found->detect(r.y.data(), n_vectors, block_len, nullptr, nullptr, whole.data());
    for (std::size_t from = 0; from < n_vectors; from += 10) {
        const std::size_t n = std::min<std::size_t>(10, n_vectors - from);
        found->detect(r.y.data() + from * antennas,
                      n,
                      block_len,
                      nullptr,
                      nullptr,
                      parts.data() + from * users * bits,
                      from);
    }
    BOOST_TEST(whole == parts, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(more_channels_than_there_is_room_for_are_left_out)
{
    const received r;
    const std::vector<float> noise(n_channels, 0.1f);
    const auto found = make_detector("kbest:k=2", {antennas, users, bits});
    found->reserve(n_channels - 1);
    found->prepare(r.h.data(), noise.data(), n_channels);
    BOOST_TEST(found->channels() == n_channels - 1);
    std::vector<std::uint8_t> labels(n_vectors * users);
    BOOST_TEST(found->detect(
                   r.y.data(), n_vectors, block_len, labels.data(), nullptr, nullptr) ==
               block_len + 1);
}

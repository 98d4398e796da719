/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "oracles/counted_allocations.h"
#include <gnuradio/fewbit/algorithms/instruction_sets.h>
#include <gnuradio/fewbit/algorithms/link/linear_channel.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/adc_impairments.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/gaussian_refit.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/level_refit.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/logistic_refit.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/lookup_design.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/lookup_refit.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/map_detector.h>
#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

using namespace gr::fewbit::algorithms;

namespace {

// What a callable allocates.
template <class F>
std::size_t allocated_by(F f)
{
    const std::size_t before = allocations;
    f();
    return allocations - before;
}

std::vector<float> gaussian(std::size_t n, unsigned seed, float deviation = 1.0f)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0f, deviation);
    std::vector<float> values(n);
    std::generate(values.begin(), values.end(), [&] { return normal(random); });
    return values;
}

dense_layer some_layer(std::size_t inputs, std::size_t outputs, unsigned seed)
{
    return {
        inputs, outputs, gaussian(inputs * outputs, seed, 0.2f), gaussian(outputs, seed)};
}

// Detectors of all kinds: with a table for every cell, without, and networks. Of users other
// than 4, whole rows of the table are longer than an answer.
std::vector<task_quantizer> detectors(std::size_t users = 4)
{
    std::vector<task_quantizer> made;
    const std::size_t classes = std::size_t{1} << users;
    for (const unsigned m : {8u, 64u}) {
        const auto adc = scalar_adc::uniform(std::vector<unsigned>(4, m), 2.0);
        for (const bool block : {false, true}) {
            const analog_map analog(
                {some_layer(12, 4, 1)}, {}, block ? agc_mode::block : agc_mode::fixed);
            made.emplace_back(
                analog,
                adc,
                digital_map::lookup(adc, users, gaussian(4 * m * classes, 2)));
            made.emplace_back(
                analog,
                adc,
                digital_map::network(adc,
                                     quantizer_task::detection,
                                     {some_layer(4, 20, 3), some_layer(20, classes, 4)}));
        }
    }
    return made;
}

std::vector<task_quantizer> estimators()
{
    std::vector<task_quantizer> made;
    const auto adc = scalar_adc::uniform(std::vector<unsigned>(80, 8), 2.0);
    for (const auto agc : {agc_mode::fixed, agc_mode::block})
        for (const unsigned powers : {1u, 2u})
            made.emplace_back(analog_map({some_layer(240, 80, 5)}, {}, agc),
                              adc,
                              digital_map::affine(adc,
                                                  80,
                                                  gaussian(powers * 6400, 6),
                                                  gaussian(powers * 80, 7),
                                                  powers));
    return made;
}

constexpr std::size_t n_vectors = 777;
constexpr std::size_t guard = 64; // values behind a result that must stay as they are

template <typename T>
struct guarded {
    std::vector<T> values;
    explicit guarded(std::size_t n) : values(n + guard, T(99)) {}
    T* data() { return values.data(); }
    bool intact() const
    {
        return std::all_of(
            values.end() - guard, values.end(), [](T v) { return v == T(99); });
    }
};

struct detection_results {
    std::size_t vectors;
    guarded<std::uint8_t> codes, classes, bits;
    guarded<float> llrs, posteriors, means;

    detection_results(std::size_t n, std::size_t users)
        : vectors(n),
          codes(n * 4),
          classes(n),
          bits(n * users),
          llrs(n * users),
          posteriors(n << users),
          means(n * users)
    {
    }

    void fill(const task_quantizer& chain, const float* x, std::size_t block_len)
    {
        chain.codes(x, vectors, codes.data(), nullptr, block_len);
        chain.classes(x, vectors, classes.data(), block_len);
        chain.decide(x, vectors, bits.data(), block_len);
        chain.llrs(x, vectors, llrs.data(), block_len);
        chain.posteriors(x, vectors, posteriors.data(), block_len);
        chain.estimate(x, vectors, means.data(), block_len);
    }
    bool intact() const
    {
        return codes.intact() && classes.intact() && bits.intact() && llrs.intact() &&
               posteriors.intact() && means.intact();
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(detectors_allocate_nothing_and_stay_in_their_results)
{
    const auto x = gaussian(n_vectors * 12, 8);
    for (const auto& name : instruction_sets()) {
        use_instruction_set(name);
        for (const auto& chain : detectors())
            for (const std::size_t block_len : {1u, 100u, 5000u}) {
                detection_results results(n_vectors, 4);
                BOOST_TEST(allocated_by(
                               [&] { results.fill(chain, x.data(), block_len); }) == 0u);
                BOOST_TEST(results.intact());
            }
    }
    use_instruction_set("");
}

BOOST_AUTO_TEST_CASE(detectors_of_any_users_stay_in_their_results)
{
    const auto x = gaussian(n_vectors * 12, 8);
    for (const auto& name : instruction_sets()) {
        use_instruction_set(name);
        for (const std::size_t users : {1u, 3u, 5u})
            for (const auto& chain : detectors(users))
                for (const std::size_t n : {1u, 64u, 777u}) {
                    detection_results results(n, users);
                    results.fill(chain, x.data(), 1);
                    BOOST_TEST(results.intact());
                    std::vector<std::uint8_t> bits(n * users);
                    chain.digital().decide(results.codes.data(), n, bits.data());
                    BOOST_TEST(std::equal(
                        bits.begin(), bits.end(), results.bits.values.begin()));
                }
    }
    use_instruction_set("");
}

BOOST_AUTO_TEST_CASE(estimators_allocate_nothing_and_stay_in_their_results)
{
    const auto x = gaussian(n_vectors * 240, 9);
    for (const auto& name : instruction_sets()) {
        use_instruction_set(name);
        for (const auto& chain : estimators()) {
            guarded<float> s(n_vectors * 80);
            BOOST_TEST(allocated_by([&] {
                           chain.estimate(x.data(), n_vectors, s.data(), 10);
                       }) == 0u);
            BOOST_TEST(s.intact());
        }
    }
    use_instruction_set("");
}

BOOST_AUTO_TEST_CASE(parts_allocate_nothing)
{
    const auto chain = estimators().front();
    const auto x = gaussian(n_vectors * 240, 10);
    guarded<float> z(n_vectors * 80), s(n_vectors * 80);
    guarded<std::uint8_t> codes(n_vectors * 80);
    adc_impairments faults(80, {0.1, 0.1, 0.1, 0.1, 1});
    BOOST_TEST(allocated_by([&] {
                   chain.analog().combine(x.data(), n_vectors, z.data());
                   faults.apply(z.data(), n_vectors, z.data());
                   chain.adc().quantize(z.data(), n_vectors, codes.data());
                   chain.digital().estimate(codes.data(), nullptr, n_vectors, s.data());
               }) == 0u);
    BOOST_TEST((z.intact() && codes.intact() && s.intact()));

    matrix h(12, 4);
    h.values.assign(48, 0.5);
    const map_detector detector(h, 0.1);
    guarded<float> llrs(n_vectors * 4);
    BOOST_TEST(allocated_by([&] { detector.llrs(x.data(), n_vectors, llrs.data()); }) ==
               0u);
    BOOST_TEST(llrs.intact());

    linear_channel channel(gaussian(48, 11), 12, 4, 0.1);
    guarded<float> y(n_vectors * 12);
    BOOST_TEST(allocated_by([&] { channel.apply(x.data(), n_vectors, y.data()); }) == 0u);
    BOOST_TEST(y.intact());
}

BOOST_AUTO_TEST_CASE(fits_of_affine_maps_allocate_nothing_while_running)
{
    const auto chain = estimators().front();
    const auto x = gaussian(n_vectors * 240, 12), s = gaussian(n_vectors * 80, 13);
    std::vector<std::uint8_t> codes(n_vectors * 80);
    chain.codes(x.data(), n_vectors, codes.data());
    digital_map map = chain.digital();
    affine_refit weights(map, {0.9, 1.0, 0}); // forgets so fast that sums are rescaled
    level_refit levels(map, {{0.9, 1.0, 0}, 20.0});
    refit_status of_weights, of_levels;
    BOOST_TEST(allocated_by([&] {
                   weights.add(codes.data(), nullptr, s.data(), n_vectors);
                   levels.add(codes.data(), nullptr, s.data(), n_vectors);
                   of_weights = weights.solve(map);
                   of_levels = levels.solve(map);
                   weights.reset();
                   levels.reset();
               }) == 0u);
    BOOST_TEST((of_weights == refit_status::ok && of_levels == refit_status::ok));
}

BOOST_AUTO_TEST_CASE(fits_of_lookups_allocate_nothing_while_running)
{
    const auto chain = detectors().front();
    const auto x = gaussian(n_vectors * 12, 14);
    std::vector<std::uint8_t> codes(n_vectors * 4), sent(n_vectors);
    chain.codes(x.data(), n_vectors, codes.data());
    chain.classes(x.data(), n_vectors, sent.data());
    digital_map map = chain.digital();
    lookup_refit counts(map, {0.9, 4.0});
    gaussian_refit gaussian(map, {0.9, 1.0, 300.0});
    logistic_refit logistic(map, {500, 10, 1e-3});
    BOOST_TEST(allocated_by([&] {
                   counts.add(codes.data(), sent.data(), n_vectors);
                   gaussian.add(codes.data(), sent.data(), n_vectors);
                   logistic.add(codes.data(), sent.data(), n_vectors);
                   counts.solve(map);
                   gaussian.solve(map);
                   logistic.solve(map);
               }) == 0u);
}

BOOST_AUTO_TEST_CASE(one_chain_serves_several_threads)
{
    const auto chain = detectors().front();
    const auto x = gaussian(n_vectors * 12, 15);
    std::vector<std::uint8_t> expected(n_vectors * 4);
    chain.decide(x.data(), n_vectors, expected.data());
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++)
        threads.emplace_back([&] {
            std::vector<std::uint8_t> bits(n_vectors * 4);
            for (int round = 0; round < 50; round++) {
                chain.decide(x.data(), n_vectors, bits.data());
                wrong += bits != expected;
            }
        });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(wrong == 0);
}

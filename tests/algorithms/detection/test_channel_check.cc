/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "oracles/counted_allocations.h"
#include <gnuradio/fewbit/algorithms/detection/channel_check.h>
#include <gnuradio/fewbit/algorithms/instruction_sets.h>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <complex>
#include <random>
#include <vector>

using namespace gr::fewbit::algorithms;
using cfloat = std::complex<float>;

namespace {

std::vector<cfloat> draw(std::size_t values)
{
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    std::vector<cfloat> h(values);
    for (auto& value : h)
        value = {normal(random), normal(random)};
    return h;
}

std::vector<int>
faults_of(channel_check& check, const std::vector<cfloat>& h, std::size_t n)
{
    std::vector<channel_fault> found(n);
    const std::size_t before = allocations;
    check.examine(h.data(), n, found.data());
    const std::size_t allocated = allocations - before;
    BOOST_TEST(allocated == 0u);
    std::vector<int> numbers;
    for (const channel_fault fault : found)
        numbers.push_back(static_cast<int>(fault));
    return numbers;
}

constexpr int none = static_cast<int>(channel_fault::none);
constexpr int not_finite = static_cast<int>(channel_fault::not_finite);
constexpr int zero = static_cast<int>(channel_fault::zero);
constexpr int singular = static_cast<int>(channel_fault::singular);

} // namespace

BOOST_AUTO_TEST_CASE(every_fault_is_told_in_its_place_and_no_other)
{
    constexpr std::size_t m = 5, k = 3, n = 37; // no whole number of lanes
    for (const auto& set : instruction_sets()) {
        use_instruction_set(set);
        auto h = draw(n * m * k);
        std::vector<int> expected(n, none);
        const auto at = [&](std::size_t c, std::size_t a, std::size_t u) -> cfloat& {
            return h[(c * m + a) * k + u];
        };
        at(2, 4, 1) = NAN;
        at(17, 0, 0) = {0.0f, INFINITY};
        expected[2] = expected[17] = not_finite;
        for (std::size_t a = 0; a < m; a++) {
            at(5, a, 2) = at(5, a, 0) * cfloat(0.3f, -2.0f);        // one user twice
            at(16, a, 1) = 0;                                       // a silent user
            at(20, a, 1) = at(20, a, 0) + at(20, a, 2);             // one of two others
            at(33, a, 0) *= 1e-6f;                                  // hardly heard
            at(34, a, 0) *= 1e-3f;                                  // heard well enough
            at(36, a, 0) = at(36, a, 1) = at(36, a, 2) = cfloat(0); // nobody
        }
        expected[5] = expected[16] = expected[20] = expected[33] = singular;
        expected[36] = zero;
        channel_check check(m, k);
        const auto found = faults_of(check, h, n);
        BOOST_TEST(found == expected, boost::test_tools::per_element());
    }
    use_instruction_set("");
}

BOOST_AUTO_TEST_CASE(scale_does_not_matter_down_to_the_least_numbers)
{
    constexpr std::size_t m = 4, k = 4, n = 20;
    for (const float scale : {1e-40f, 1e-37f, 1e-20f, 1.0f, 1e20f, 5e37f}) {
        auto h = draw(n * m * k);
        for (auto& value : h)
            value *= scale;
        channel_check check(m, k);
        BOOST_TEST(faults_of(check, h, n) == std::vector<int>(n, none),
                   boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(more_users_than_antennas_cannot_be_told_apart)
{
    channel_check check(2, 3);
    BOOST_TEST(faults_of(check, draw(4 * 6), 4) == std::vector<int>(4, singular),
               boost::test_tools::per_element());
}

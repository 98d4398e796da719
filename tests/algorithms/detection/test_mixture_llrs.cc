/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "kernels/mixture_llrs.h"
#include <gnuradio/fewbit/algorithms/instruction_sets.h>
#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <cmath>
#include <limits>

using namespace gr::fewbit;

namespace {

constexpr std::size_t users =
    19; // more than the lanes of any instruction set, and a rest
constexpr unsigned bits = 4;
const float levels[] = {1.0f, 3.0f, -1.0f, -3.0f};
const kernels::mixture_llrs_axis axis{bits / 2, levels};

kernels::mixture_llrs_memory outputs()
{
    kernels::mixture_llrs_memory m(users, bits);
    for (std::size_t i = 0; i < users; i++) {
        m.outputs[i] = 0.37f * static_cast<float>(i) - 3.5f;
        m.outputs[m.stride + i] = 3.0f - 0.41f * static_cast<float>(i);
        m.errors[i] = 0.1f + 0.01f * static_cast<float>(i);
    }
    return m;
}

// 1 / (1 + exp(2 m / v)) by a loop over the thresholds in double precision.
double share_of_second(double o, double variance)
{
    double margin = INFINITY;
    for (const double threshold : {-2.0, 0.0, 2.0})
        margin = std::min(margin, std::abs(o - threshold));
    return 1 / (1 + std::exp(2 * margin / variance));
}

double variance_of(const kernels::mixture_llrs_memory& m, std::size_t i)
{
    return 0.5 * static_cast<double>(m.errors[i]) + 0.25;
}

double sum_of_shares(const kernels::mixture_llrs_memory& m)
{
    double sum = 0;
    for (std::size_t i = 0; i < users; i++)
        for (const float o : {m.outputs[i], m.outputs[m.stride + i]})
            sum += share_of_second(static_cast<double>(o), variance_of(m, i));
    return sum;
}

struct on_every_set {
    template <typename F>
    explicit on_every_set(F f)
    {
        for (const auto& set : algorithms::instruction_sets()) {
            algorithms::use_instruction_set(set);
            f();
        }
        algorithms::use_instruction_set("");
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(
    errors_foreseen_are_those_of_the_second_nearest_level_of_the_users_alone)
{
    const kernels::mixture_llrs_law law{0.5f, 0.25f, true, -3.0f, 20.0f, 0.0f};
    on_every_set([&] {
        auto m = outputs();
        BOOST_TEST(kernels::foreseen_errors(bits / 2, law, m) == sum_of_shares(m),
                   boost::test_tools::tolerance(1e-5));
        for (const float o : {5.0f, -2.0f, 0.0f, -1e20f, INFINITY, -INFINITY, NAN}) {
            m.outputs[4] = 3.0f;
            const double before =
                static_cast<double>(kernels::foreseen_errors(bits / 2, law, m));
            m.outputs[4] = o;
            const double expected =
                std::isfinite(o)
                    ? share_of_second(static_cast<double>(o), variance_of(m, 4))
                    : 0.5;
            const auto found =
                static_cast<double>(kernels::foreseen_errors(bits / 2, law, m));
            BOOST_TEST(found ==
                           before - share_of_second(3.0, variance_of(m, 4)) + expected,
                       boost::test_tools::tolerance(1e-5));
        }
    });
}

BOOST_AUTO_TEST_CASE(an_output_that_is_not_finite_has_llrs_of_0_and_spoils_no_other)
{
    on_every_set([] {
        for (const bool wide : {false, true})
            for (const float bad : {NAN, INFINITY, -INFINITY}) {
                const kernels::mixture_llrs_law law{
                    1.0f, 0.05f, wide, -3.0f, 20.0f, wide ? 0.0f : 1e-3f};
                auto sound = outputs();
                kernels::mixture_llrs(axis, law, sound);
                auto spoilt = outputs();
                spoilt.outputs[17] = bad;
                kernels::mixture_llrs(axis, law, spoilt);
                for (std::size_t k = 0; k < bits; k++)
                    for (std::size_t i = 0; i < users; i++) {
                        const std::size_t at = k * sound.stride + i;
                        const bool its = i == 17 && k % 2 == 0;
                        BOOST_TEST(spoilt.llrs[at] == (its ? 0.0f : sound.llrs[at]));
                    }
            }
    });
}

BOOST_AUTO_TEST_CASE(an_infinite_variance_says_nothing)
{
    on_every_set([] {
        auto m = outputs();
        m.errors[3] = std::numeric_limits<float>::infinity();
        kernels::mixture_llrs(axis, {1.0f, 0.05f, true, -3.0f, 20.0f, 0.0f}, m);
        for (std::size_t k = 0; k < bits; k++)
            BOOST_TEST(std::abs(m.llrs[k * m.stride + 3]) < 1e-6f);
    });
}

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// The QR behind tree searches against plain Gram-Schmidt in long double, twice over, of the
// columns in the order that it reports; and that order against what it promises.

#include "kernels/channel_qr.h"
#include <gnuradio/fewbit/algorithms/instruction_sets.h>
#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <cmath>
#include <complex>
#include <random>
#include <vector>

using gr::fewbit::kernels::channel_qr;
using namespace gr::fewbit::algorithms;

namespace {

using real = long double;
using column = std::vector<real>;

real dot(const column& a, const column& b)
{
    real sum = 0;
    for (std::size_t i = 0; i < a.size(); i++)
        sum += a[i] * b[i];
    return sum;
}

struct problem {
    std::size_t m, k;
    std::vector<std::complex<float>> h; // [8][m][k]
    std::vector<double> scales, ridges; // [8]
};

// Of every lane another channel; some of them hard, which the names below tell.
enum hardness { usual, silent_user, twins, condition_1e8, zero_channel, tiny, huge };

problem draw(std::size_t m, std::size_t k, double ridge)
{
    problem p{m, k, std::vector<std::complex<float>>(8 * m * k), {}, {}};
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    for (auto& value : p.h)
        value = {normal(random), normal(random)};
    const hardness of[8] = {
        usual, silent_user, twins, condition_1e8, zero_channel, tiny, huge, usual};
    for (std::size_t l = 0; l < 8; l++) {
        double energy = 0;
        for (std::size_t a = 0; a < m; a++)
            for (std::size_t u = 0; u < k; u++) {
                auto& value = p.h[(l * m + a) * k + u];
                if (of[l] == zero_channel || (of[l] == silent_user && u == k - 1))
                    value = 0;
                if (of[l] == twins && u == 1)
                    value = p.h[(l * m + a) * k];
                if (of[l] == condition_1e8 && u == 0)
                    value *= 1e-8f;
                if (of[l] == tiny)
                    value *= 1e-30f;
                if (of[l] == huge)
                    value *= 1e30f;
                energy += std::norm(std::complex<double>(value));
            }
        const double users = static_cast<double>(k);
        p.scales.push_back(energy > 0 ? std::sqrt(users / energy) : 1.0);
        p.ridges.push_back(ridge);
    }
    return p;
}

// [s H; sqrt(ridge) I] of a lane, column by column.
std::vector<column> extended(const problem& p, std::size_t lane)
{
    const std::size_t n = 2 * p.k;
    std::vector<column> found(n, column(2 * p.m + n));
    for (std::size_t a = 0; a < p.m; a++)
        for (std::size_t u = 0; u < p.k; u++) {
            const std::complex<real> value(p.h[(lane * p.m + a) * p.k + u]);
            const real s = p.scales[lane];
            found[u][a] = found[p.k + u][p.m + a] = s * value.real();
            found[u][p.m + a] = s * value.imag();
            found[p.k + u][a] = -s * value.imag();
        }
    for (std::size_t i = 0; i < n; i++)
        found[i][2 * p.m + i] = std::sqrt(static_cast<real>(p.ridges[lane]));
    return found;
}

struct factors {
    std::vector<column> q, r; // [place]; r[i][j]
};

// Twice is enough: what the first pass leaves of a projection the second takes away.
factors gram_schmidt(const std::vector<column>& columns)
{
    const std::size_t n = columns.size();
    factors f{columns, std::vector<column>(n, column(n))};
    for (std::size_t j = 0; j < n; j++) {
        for (int pass = 0; pass < 2; pass++)
            for (std::size_t i = 0; i < j; i++) {
                const real share = dot(f.q[i], f.q[j]);
                f.r[i][j] += share;
                for (std::size_t e = 0; e < f.q[j].size(); e++)
                    f.q[j][e] -= share * f.q[i][e];
            }
        f.r[j][j] = std::sqrt(dot(f.q[j], f.q[j]));
        for (real& value : f.q[j])
            value /= f.r[j][j];
    }
    return f;
}

std::vector<column>
ordered(const std::vector<column>& columns, const channel_qr& qr, std::size_t lane)
{
    std::vector<column> found;
    for (std::size_t i = 0; i < columns.size(); i++)
        found.push_back(columns[qr.column(lane, i)]);
    return found;
}

void check_factors(const problem& p, const channel_qr& qr, std::size_t lane, real within)
{
    const factors expected = gram_schmidt(ordered(extended(p, lane), qr, lane));
    const std::size_t n = 2 * p.k;
    for (std::size_t i = 0; i < n; i++) {
        for (std::size_t j = i; j < n; j++)
            BOOST_TEST(std::abs(qr.r(lane, i, j) - expected.r[i][j]) <= within);
        for (std::size_t e = 0; e < 2 * p.m; e++)
            BOOST_TEST(std::abs(qr.q(lane, e, i) - expected.q[i][e]) <= within + 1e-7L);
    }
}

struct size {
    std::size_t m, k;
};
const std::vector<size> sizes{{1, 1}, {2, 2}, {4, 4}, {3, 5}, {7, 3}, {16, 16}, {17, 9}};

} // namespace

BOOST_AUTO_TEST_CASE(factors_are_those_of_the_columns_in_the_order_that_it_tells)
{
    for (const auto& set : instruction_sets()) {
        use_instruction_set(set);
        for (const auto& [m, k] : sizes)
            for (const double ridge : {1e-6, 0.05}) {
                const problem p = draw(m, k, ridge);
                channel_qr qr(m, k);
                qr.load(p.h.data(), 8);
                qr.factor(p.scales.data(), p.ridges.data());
                for (std::size_t lane = 0; lane < 8; lane++)
                    check_factors(p, qr, lane, ridge < 1e-3 ? 1e-6L : 1e-10L);
            }
    }
    use_instruction_set("");
}

BOOST_AUTO_TEST_CASE(the_last_place_has_the_least_error_of_those_before_it)
{
    const problem p = draw(8, 6, 0.01);
    channel_qr qr(8, 6);
    qr.load(p.h.data(), 8);
    qr.factor(p.scales.data(), p.ridges.data());
    for (std::size_t lane = 0; lane < 8; lane++) {
        auto columns = ordered(extended(p, lane), qr, lane);
        for (; columns.size() > 1; columns.pop_back()) {
            // The MMSE error of the last column is ridge / R^2, R what the others leave of it.
            const auto last_of = [&](std::size_t j) {
                auto others = columns;
                std::swap(others[j], others.back());
                return gram_schmidt(others).r.back().back();
            };
            const real own = last_of(columns.size() - 1);
            for (std::size_t j = 0; j + 1 < columns.size(); j++)
                BOOST_TEST(own >= last_of(j) * (1 - 1e-8L));
        }
    }
}

BOOST_AUTO_TEST_CASE(lanes_do_not_meet)
{
    const problem p = draw(5, 4, 0.01);
    channel_qr whole(5, 4), one(5, 4);
    whole.load(p.h.data(), 8);
    whole.factor(p.scales.data(), p.ridges.data());
    for (std::size_t lane = 0; lane < 8; lane++) {
        one.load(p.h.data() + lane * 20, 1);
        std::vector<double> scales(8, 1.0);
        scales[0] = p.scales[lane];
        one.factor(scales.data(), p.ridges.data());
        for (std::size_t i = 0; i < 8; i++) {
            BOOST_TEST(one.column(0, i) == whole.column(lane, i));
            for (std::size_t j = i; j < 8; j++)
                BOOST_TEST(one.r(0, i, j) == whole.r(lane, i, j));
        }
    }
}

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "csi_model.h"

#include "integer_cdf.h"
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

struct selectivity {
    double one_minus_r2;
    double turning; // how much likelier a turn is than a change after no change
};

// `turning` as measured over EPA (.05), EVA (.45) and ETU (1); between them,
// interpolated.
constexpr selectivity selectivities[csi_model::correlations] = {
    {3e-5, 0.05},
    {1.5e-4, 0.05},
    {6e-4, 0.05},
    {2.5e-3, 0.1},
    {1e-2, 0.2},
    {4e-2, 0.45},
    {0.15, 0.9},
    {0.7, 1.0},
};

// P(w <= x)
double log_ratio_cdf(double x, double one_minus_r2)
{
    const double s = std::sinh(std::min(300.0, std::max(-300.0, x)) / 2.0);
    return 0.5 * (1.0 + s / std::sqrt(s * s + one_minus_r2));
}

// P(change = k steps), the start being uniform within its step.
double probability_of_change(int k, double step, double one_minus_r2)
{
    constexpr int starts = 64;
    double sum = 0.0;
    for (int t = 0; t < starts; t++) {
        const double start = (t + 0.5) / starts - 0.5;
        sum += log_ratio_cdf((k + 0.5 - start) * step, one_minus_r2) -
               log_ratio_cdf((k - 0.5 - start) * step, one_minus_r2);
    }
    return std::max(sum / starts, 1e-12);
}

} // namespace

csi_model::csi_model(unsigned largest_change, double step_db)
    : d_symbols(2 * largest_change + 1), d_bits(contexts * d_symbols * correlations)
{
    const int largest = static_cast<int>(largest_change);
    const double step = step_db * std::log(10.0) / 10.0;
    for (unsigned r = 0; r < correlations; r++) {
        const selectivity& s = selectivities[r];
        for (unsigned c = 0; c < contexts; c++) {
            std::vector<double> p(d_symbols);
            for (int k = -largest; k <= largest; k++) {
                const int direction = static_cast<int>(c) - 1; // of the last change
                const double factor = k * direction == 0  ? 1.0
                                      : k * direction < 0 ? s.turning
                                                          : 2.0 - s.turning;
                p[static_cast<std::size_t>(k + largest)] =
                    factor * probability_of_change(k, step, s.one_minus_r2);
            }
            const auto cdf = integer_cdf(p);
            d_cdfs.insert(d_cdfs.end(), cdf.begin(), cdf.end());
            for (unsigned symbol = 0; symbol < d_symbols; symbol++)
                d_bits[(c * d_symbols + symbol) * correlations + r] = static_cast<float>(
                    16.0 - std::log2(static_cast<double>(cdf[symbol + 1] - cdf[symbol])));
        }
    }
}

unsigned csi_model::best_correlation(const std::uint16_t* levels,
                                     std::size_t n) const noexcept
{
    float bits[correlations] = {};
    const int largest = static_cast<int>(d_symbols / 2);
    int change = 0;
    for (std::size_t i = 1; i < n; i++) {
        const unsigned c = context(change);
        change = static_cast<int>(levels[i]) - static_cast<int>(levels[i - 1]);
        const float* row =
            d_bits.data() +
            (c * d_symbols + static_cast<unsigned>(change + largest)) * correlations;
        for (unsigned r = 0; r < correlations; r++)
            bits[r] += row[r];
    }
    unsigned best = 0;
    for (unsigned r = 1; r < correlations; r++)
        best = bits[r] < bits[best] ? r : best;
    return best;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

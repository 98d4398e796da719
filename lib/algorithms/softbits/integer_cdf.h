/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_SOFTBITS_INTEGER_CDF_H
#define INCLUDED_FEWBIT_SOFTBITS_INTEGER_CDF_H

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief The integer CDF of a probability model: what the range coder codes with.
 *
 * Every symbol gets one count, so that it can be coded however unlikely the model thinks
 * it, and shares the rest of the 65536 by its probability; what rounding leaves goes to
 * the likeliest.
 *
 * \param probabilities of at most 65536 symbols, any positive sum
 */
inline std::vector<std::int32_t> integer_cdf(const std::vector<double>& probabilities)
{
    const std::int32_t total = 65536;
    const std::size_t n = probabilities.size();
    double sum = 0.0;
    for (double p : probabilities)
        sum += p;
    std::vector<std::int32_t> cdf(n + 1, 0);
    std::int32_t left = total;
    for (std::size_t s = 0; s < n; s++) {
        const double share = probabilities[s] / sum * static_cast<double>(total - n);
        cdf[s + 1] = 1 + static_cast<std::int32_t>(std::floor(share));
        left -= cdf[s + 1];
    }
    *std::max_element(cdf.begin() + 1, cdf.end()) += left;
    for (std::size_t s = 0; s < n; s++)
        cdf[s + 1] += cdf[s];
    return cdf;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_SOFTBITS_INTEGER_CDF_H */

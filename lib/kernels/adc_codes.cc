/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/adc_codes.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/adc_codes.h"
#include <hwy/highway.h>
#include <algorithm>
#include <limits>
#include <numeric>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// As many values as fill whole registers; returns how many.
std::size_t
count(const adc_codes::table& bank, const float* z, std::size_t n, std::uint8_t* codes)
{
    const hn::CappedTag<float, 16> d;
    const hn::RebindToSigned<decltype(d)> di;
    const hn::Rebind<std::uint8_t, decltype(d)> d8;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t at = 0;
    for (std::size_t place = 0; at + lanes <= n; at += lanes) {
        const auto in = hn::LoadU(d, z + at);
        auto code = hn::Zero(di);
        const float* t = bank.thresholds.data() + place;
        for (std::size_t i = 0; i < bank.rows; i++, t += bank.period) {
            const auto reached = hn::RebindMask(di, hn::Le(hn::Load(d, t), in));
#if HWY_TARGET <= HWY_AVX3 // masks are registers of their own
            code = hn::IfThenElse(reached, hn::Add(code, hn::Set(di, 1)), code);
#else // a true lane's mask is -1
            code = hn::Sub(code, hn::VecFromMask(di, reached));
#endif
        }
        // An infinite input reaches thresholds that are not there.
        code = hn::Min(code, hn::Load(di, bank.last.data() + place));
        hn::StoreU(hn::DemoteTo(d8, code), d8, codes + at);
        place += lanes;
        if (place == bank.period)
            place = 0;
    }
    return at;
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace kernels
} // namespace fewbit
} // namespace gr
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gr {
namespace fewbit {
namespace kernels {

HWY_EXPORT(count);

adc_codes::adc_codes(const std::vector<unsigned>& levels, const float* thresholds)
    : d_levels(levels)
{
    constexpr std::size_t lanes = 16;
    std::size_t total = 0;
    for (const unsigned m : levels) {
        d_first.push_back(total);
        total += m - 1;
    }
    d_thresholds.assign(thresholds, thresholds + total);
    const unsigned finest = *std::max_element(levels.begin(), levels.end());
    const std::size_t period = std::lcm(levels.size(), lanes), rows = finest - 1;
    if (finest > max_counted || rows * period > max_table)
        return;
    d_table.period = period;
    d_table.rows = rows;
    d_table.thresholds.assign(rows * period, std::numeric_limits<float>::infinity());
    d_table.last.resize(period);
    for (std::size_t i = 0; i < period; i++) {
        const std::size_t d = i % levels.size();
        d_table.last[i] = static_cast<std::int32_t>(levels[d]) - 1;
        for (unsigned row = 0; row + 1 < levels[d]; row++)
            d_table.thresholds[row * period + i] = d_thresholds[d_first[d] + row];
    }
}

std::uint8_t adc_codes::search(float z, std::size_t adc) const noexcept
{
    const float* const t = d_thresholds.data() + d_first[adc];
    std::size_t below = 0;
    // Thresholds that are still in question come after the first `below`.
    for (std::size_t left = d_levels[adc] - 1; left > 0;) {
        const std::size_t half = (left + 1) / 2;
        below += t[below + half - 1] <= z ? half : 0;
        left -= half;
    }
    return static_cast<std::uint8_t>(below);
}

void adc_codes::find(const float* z,
                     std::size_t n_vectors,
                     std::uint8_t* codes) const noexcept
{
    const std::size_t p = d_levels.size(), n = n_vectors * p;
    const std::size_t done =
        d_table.rows ? HWY_DYNAMIC_DISPATCH(count)(d_table, z, n, codes) : 0;
    for (std::size_t i = done, d = done % p; i < n; i++, d = d + 1 == p ? 0 : d + 1)
        codes[i] = search(z[i], d);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

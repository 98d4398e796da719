/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/finite_rows.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/finite_rows.h"
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// x - x is 0 unless x is NaN or infinite, and so is a sum of it.
void mark_rows(const float* rows, std::size_t n, std::size_t length, std::uint8_t* finite)
{
    const hn::CappedTag<float, 16> d;
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t r = 0; r < n; r++, rows += length) {
        auto sum = hn::Zero(d);
        std::size_t i = 0;
        for (; i + lanes <= length; i += lanes) {
            const auto x = hn::LoadU(d, rows + i);
            sum = hn::Add(sum, hn::Sub(x, x));
        }
        float rest = 0;
        for (; i < length; i++)
            rest += rows[i] - rows[i];
        finite[r] = hn::AllTrue(d, hn::Eq(sum, hn::Zero(d))) && rest == 0;
    }
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

HWY_EXPORT(mark_rows);

void finite_rows(const float* rows,
                 std::size_t n,
                 std::size_t length,
                 std::uint8_t* finite) noexcept
{
    HWY_DYNAMIC_DISPATCH(mark_rows)(rows, n, length, finite);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

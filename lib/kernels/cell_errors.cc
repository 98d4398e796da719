/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Vectors whose length the compiler does not know cannot be kept in arrays, as the products
// below are; processors that have them run the fixed-length kernel.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cell_errors.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/cell_errors.h"
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using tag = hn::CappedTag<double, cell_errors_columns>;
using vec = hn::Vec<tag>;

// One vector of cells. The classes' products are added up by their highest bit, then folded
// over it, so that the next bit is the highest one: 2 (2^K - 1) additions or so for all bits.
template <std::size_t K>
HWY_INLINE vec errors(const double* HWY_RESTRICT row,
                      const double* HWY_RESTRICT inner,
                      std::size_t columns)
{
    const tag d;
    vec p[1u << K];
#pragma GCC unroll 16
    for (std::size_t s = 0; s < 1u << K; s++)
        p[s] = hn::Mul(hn::Set(d, row[s]), hn::Load(d, inner + s * columns));
    vec sum = hn::Zero(d);
#pragma GCC unroll 8
    for (std::size_t half = 1u << (K - 1); half > 0; half /= 2) {
        vec zeros = p[0], ones = p[half];
#pragma GCC unroll 16
        for (std::size_t s = 1; s < half; s++) {
            zeros = hn::Add(zeros, p[s]);
            ones = hn::Add(ones, p[half + s]);
        }
        sum = hn::Add(sum, hn::Min(zeros, ones));
#pragma GCC unroll 16
        for (std::size_t s = 0; s < half; s++)
            p[s] = hn::Add(p[s], p[half + s]);
    }
    return sum;
}

template <std::size_t K>
double
all_cells(const double* outer, std::size_t rows, const double* inner, std::size_t columns)
{
    const tag d;
    double total = 0;
    for (std::size_t a = 0; a < rows; a++, outer += 1u << K) {
        vec sum = hn::Zero(d);
        for (std::size_t b = 0; b < columns; b += hn::Lanes(d))
            sum = hn::Add(sum, errors<K>(outer, inner + b, columns));
        total += hn::GetLane(hn::SumOfLanes(d, sum));
    }
    return total;
}

double any_users(const double* outer,
                 std::size_t rows,
                 const double* inner,
                 std::size_t columns,
                 std::size_t users)
{
    switch (users) {
    case 1:
        return all_cells<1>(outer, rows, inner, columns);
    case 2:
        return all_cells<2>(outer, rows, inner, columns);
    case 3:
        return all_cells<3>(outer, rows, inner, columns);
    case 4:
        return all_cells<4>(outer, rows, inner, columns);
    case 5:
        return all_cells<5>(outer, rows, inner, columns);
    case 6:
        return all_cells<6>(outer, rows, inner, columns);
    case 7:
        return all_cells<7>(outer, rows, inner, columns);
    default:
        return all_cells<8>(outer, rows, inner, columns);
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

HWY_EXPORT(any_users);

double cell_errors(const double* outer,
                   std::size_t rows,
                   const double* inner,
                   std::size_t columns,
                   std::size_t users) noexcept
{
    return HWY_DYNAMIC_DISPATCH(any_users)(outer, rows, inner, columns, users);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

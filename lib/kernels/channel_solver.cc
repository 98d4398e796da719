/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Vectors whose length the compiler does not know cannot be kept in arrays, as the sums are.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/channel_solver.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/channel_solver.h"
#include "kernels/complex_planes-inl.h"
#include <hwy/highway.h>
#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using planes = channel_solver::planes;
constexpr std::size_t stride = channel_solver::lanes;
using tag = hn::CappedTag<float, stride>;
using vec = hn::Vec<tag>;

void gram_lanes(const planes& h, planes& g) { gram_matrix(h, g); }

void invert_lanes(const planes& g, const float* rho, planes& l, planes& a)
{
    invert_ridged(g, rho, l, a);
}

// Rows i to i + R - 1 of W_ij = sum_p A_ip conj(H_jp) = conj(sum_p conj(A_ip) H_jp).
template <int R>
HWY_INLINE void
filter_rows(const planes& a, const planes& h, std::size_t i, std::size_t lane, planes& w)
{
    const auto of_a = rows_of(a, i, lane);
    const auto keep = [&](complex_vec<vec> v, std::size_t r, std::size_t j) HWY_ATTR {
        store({v.re, hn::Neg(v.im)}, w, w.at(i + r, j) + lane);
    };
    std::size_t j = 0;
    for (; j + 2 <= h.rows; j += 2) {
        products<planes, R, 2> of;
        of.compute(of_a, rows_of(h, j, lane), a.rows);
#pragma GCC unroll 4
        for (std::size_t r = 0; r < R; r++)
#pragma GCC unroll 4
            for (std::size_t c = 0; c < 2; c++)
                keep(of.sum[r][c], r, j + c);
    }
    for (; j < h.rows; j++) {
        products<planes, R, 1> of;
        of.compute(of_a, rows_of(h, j, lane), a.rows);
#pragma GCC unroll 4
        for (std::size_t r = 0; r < R; r++)
            keep(of.sum[r][0], r, j);
    }
}

void filter_lanes(const planes& a, const planes& h, planes& w)
{
    for_lanes<planes>([&](std::size_t lane) HWY_ATTR {
        std::size_t i = 0;
        for (; i + 2 <= a.rows; i += 2)
            filter_rows<2>(a, h, i, lane, w);
        for (; i < a.rows; i++)
            filter_rows<1>(a, h, i, lane, w);
    });
}

void spread(const float* h, planes& to) { spread_lanes(h, to); }

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

HWY_EXPORT(spread);
HWY_EXPORT(gram_lanes);
HWY_EXPORT(invert_lanes);
HWY_EXPORT(filter_lanes);

channel_solver::channel_solver(std::size_t antennas, std::size_t users)
    : d_h(antennas, users),
      d_g(users, users),
      d_l(users, users),
      d_a(users, users),
      d_w(users, antennas)
{
}

void channel_solver::load(const std::complex<float>* h, std::size_t n) noexcept
{
    if (n == lanes)
        HWY_DYNAMIC_DISPATCH(spread)(reinterpret_cast<const float*>(h), d_h);
    else
        d_h.load(h, n);
}

void channel_solver::gram() noexcept { HWY_DYNAMIC_DISPATCH(gram_lanes)(d_h, d_g); }

void channel_solver::invert(const float* rho) noexcept
{
    HWY_DYNAMIC_DISPATCH(invert_lanes)(d_g, rho, d_l, d_a);
}

void channel_solver::filter() noexcept
{
    HWY_DYNAMIC_DISPATCH(filter_lanes)(d_a, d_h, d_w);
}

const channel_solver::planes& channel_solver::adjoint() noexcept
{
    for (std::size_t i = 0; i < d_w.rows; i++)
        for (std::size_t j = 0; j < d_w.columns; j++)
            for (std::size_t l = 0; l < lanes; l++) {
                d_w.re[d_w.at(i, j) + l] = d_h.re[d_h.at(j, i) + l];
                d_w.im[d_w.at(i, j) + l] = -d_h.im[d_h.at(j, i) + l];
            }
    return d_w;
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

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

struct complex_vec {
    vec re, im;
};

HWY_INLINE complex_vec load(const planes& p, std::size_t at)
{
    return {hn::Load(tag(), p.re.data() + at), hn::Load(tag(), p.im.data() + at)};
}

HWY_INLINE void store(complex_vec v, planes& p, std::size_t at)
{
    hn::Store(v.re, tag(), p.re.data() + at);
    hn::Store(v.im, tag(), p.im.data() + at);
}

// sum + conj(a) b
HWY_INLINE void add_conjugate_first(complex_vec& sum, complex_vec a, complex_vec b)
{
    sum.re = hn::MulAdd(a.im, b.im, hn::MulAdd(a.re, b.re, sum.re));
    sum.im = hn::NegMulAdd(a.im, b.re, hn::MulAdd(a.re, b.im, sum.im));
}

// sum - a conj(b)
HWY_INLINE void subtract_conjugate_second(complex_vec& sum, complex_vec a, complex_vec b)
{
    sum.re = hn::NegMulAdd(a.im, b.im, hn::NegMulAdd(a.re, b.re, sum.re));
    sum.im = hn::MulAdd(a.re, b.im, hn::NegMulAdd(a.im, b.re, sum.im));
}

// sum - a b
HWY_INLINE void subtract_product(complex_vec& sum, complex_vec a, complex_vec b)
{
    sum.re = hn::MulAdd(a.im, b.im, hn::NegMulAdd(a.re, b.re, sum.re));
    sum.im = hn::NegMulAdd(a.im, b.re, hn::NegMulAdd(a.re, b.im, sum.im));
}

HWY_INLINE complex_vec zero() { return {hn::Zero(tag()), hn::Zero(tag())}; }

// Use of every vector of lanes: use(offset of its first lane).
template <class Use>
HWY_INLINE void for_lanes(Use use)
{
    for (std::size_t lane = 0; lane < stride; lane += hn::Lanes(tag()))
        use(lane);
}

// The lower triangle, and its mirror image; two columns share the loads of a third.
void gram_lanes(const planes& h, planes& g)
{
    const std::size_t k = h.columns;
    for_lanes([&](std::size_t lane) HWY_ATTR {
        const auto keep = [&](complex_vec v, std::size_t i, std::size_t j) HWY_ATTR {
            store(v, g, g.at(i, j) + lane);
            store({v.re, hn::Neg(v.im)}, g, g.at(j, i) + lane);
        };
        for (std::size_t i = 0; i < k; i++) {
            std::size_t j = 0;
            for (; j + 2 <= i + 1; j += 2) {
                complex_vec first = zero(), second = zero();
                for (std::size_t a = 0; a < h.rows; a++) {
                    const complex_vec one = load(h, h.at(a, i) + lane);
                    add_conjugate_first(first, one, load(h, h.at(a, j) + lane));
                    add_conjugate_first(second, one, load(h, h.at(a, j + 1) + lane));
                }
                keep(first, i, j);
                keep(second, i, j + 1);
            }
            if (j <= i) {
                complex_vec sum = zero();
                for (std::size_t a = 0; a < h.rows; a++) {
                    const complex_vec one = load(h, h.at(a, i) + lane);
                    add_conjugate_first(sum, one, load(h, h.at(a, j) + lane));
                }
                keep(sum, i, j);
            }
        }
    });
}

// L with 1 / L_ii in place of its diagonal.
HWY_INLINE void cholesky(const planes& g, vec rho, planes& l, std::size_t lane)
{
    const tag d;
    const std::size_t k = g.rows;
    for (std::size_t j = 0; j < k; j++) {
        vec pivot = hn::Add(hn::Load(d, g.re.data() + g.at(j, j) + lane), rho);
        for (std::size_t p = 0; p < j; p++) {
            const complex_vec v = load(l, l.at(j, p) + lane);
            pivot = hn::NegMulAdd(v.im, v.im, hn::NegMulAdd(v.re, v.re, pivot));
        }
        pivot = hn::Max(pivot, hn::Set(d, 1e-30f));
        const vec inverse = hn::Div(hn::Set(d, 1.0f), hn::Sqrt(pivot));
        store({inverse, hn::Zero(d)}, l, l.at(j, j) + lane);
        for (std::size_t i = j + 1; i < k; i++) {
            complex_vec sum = load(g, g.at(i, j) + lane);
            for (std::size_t p = 0; p < j; p++)
                subtract_conjugate_second(
                    sum, load(l, l.at(i, p) + lane), load(l, l.at(j, p) + lane));
            store({hn::Mul(sum.re, inverse), hn::Mul(sum.im, inverse)},
                  l,
                  l.at(i, j) + lane);
        }
    }
}

// L^-1 in place of L, row by row from the last column on: what row i needs of L stands in it
// still, what it needs of the inverse in the rows above.
HWY_INLINE void invert_lower(planes& l, std::size_t lane)
{
    for (std::size_t i = 1; i < l.rows; i++) {
        const vec inverse = hn::Load(tag(), l.re.data() + l.at(i, i) + lane);
        for (std::size_t j = 0; j < i; j++) {
            complex_vec sum = zero();
            for (std::size_t p = j; p < i;
                 p++) // values of L at (i, p >= j) are not yet overwritten
                subtract_product(
                    sum, load(l, l.at(i, p) + lane), load(l, l.at(p, j) + lane));
            store({hn::Mul(sum.re, inverse), hn::Mul(sum.im, inverse)},
                  l,
                  l.at(i, j) + lane);
        }
    }
}

void invert_lanes(const planes& g, const float* rho, planes& l, planes& a)
{
    const std::size_t k = g.rows;
    for_lanes([&](std::size_t lane) HWY_ATTR {
        cholesky(g, hn::LoadU(tag(), rho + lane), l, lane);
        invert_lower(l, lane);
        for (std::size_t i = 0; i < k; i++)
            for (std::size_t j = 0; j <= i; j++) { // A_ij = sum_p conj(X_pi) X_pj
                complex_vec sum = zero();
                for (std::size_t p = i; p < k; p++)
                    add_conjugate_first(
                        sum, load(l, l.at(p, i) + lane), load(l, l.at(p, j) + lane));
                store(sum, a, a.at(i, j) + lane);
                store({sum.re, hn::Neg(sum.im)}, a, a.at(j, i) + lane);
            }
    });
}

// W_ij = sum_p A_ip conj(H_jp) = conj(sum_p conj(A_ip) H_jp), two antennas at once.
void filter_lanes(const planes& a, const planes& h, planes& w)
{
    const std::size_t k = a.rows, m = h.rows;
    for_lanes([&](std::size_t lane) HWY_ATTR {
        const auto keep = [&](complex_vec v, std::size_t i, std::size_t j) HWY_ATTR {
            store({v.re, hn::Neg(v.im)}, w, w.at(i, j) + lane);
        };
        for (std::size_t i = 0; i < k; i++) {
            std::size_t j = 0;
            for (; j + 2 <= m; j += 2) {
                complex_vec first = zero(), second = zero();
                for (std::size_t p = 0; p < k; p++) {
                    const complex_vec one = load(a, a.at(i, p) + lane);
                    add_conjugate_first(first, one, load(h, h.at(j, p) + lane));
                    add_conjugate_first(second, one, load(h, h.at(j + 1, p) + lane));
                }
                keep(first, i, j);
                keep(second, i, j + 1);
            }
            if (j < m) {
                complex_vec sum = zero();
                for (std::size_t p = 0; p < k; p++)
                    add_conjugate_first(
                        sum, load(a, a.at(i, p) + lane), load(h, h.at(j, p) + lane));
                keep(sum, i, j);
            }
        }
    });
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
    const std::size_t values = d_h.rows * d_h.columns;
    if (n < lanes) {
        std::fill(d_h.re.begin(), d_h.re.end(), 0.0f);
        std::fill(d_h.im.begin(), d_h.im.end(), 0.0f);
    }
    for (std::size_t i = 0; i < values; i++)
        for (std::size_t l = 0; l < n; l++) {
            d_h.re[i * lanes + l] = h[l * values + i].real();
            d_h.im[i * lanes + l] = h[l * values + i].imag();
        }
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

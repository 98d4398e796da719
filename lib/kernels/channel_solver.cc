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
#include "kernels/transpose-inl.h"
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

// Lists of values of a matrix: value p of list r at at + r * across + p * along.
struct lists {
    const planes* of;
    std::size_t at, across, along;

    HWY_INLINE complex_vec value(std::size_t r, std::size_t p) const
    {
        return load(*of, at + r * across + p * along);
    }
};

HWY_INLINE lists columns_of(const planes& x,
                            std::size_t i,
                            std::size_t from,
                            std::size_t lane)
{
    return {&x, x.at(from, i) + lane, stride, x.columns * stride};
}

HWY_INLINE lists rows_of(const planes& x, std::size_t i, std::size_t lane)
{
    return {&x, x.at(i, 0) + lane, x.columns * stride, stride};
}

// sum_p conj(a_rp) b_cp of R and C lists: each load serves several sums, and there are sums
// enough to wait for none.
template <int R, int C>
struct products {
    complex_vec sum[R][C];

    HWY_INLINE void compute(const lists& a, const lists& b, std::size_t n)
    {
#pragma GCC unroll 4
        for (int r = 0; r < R; r++)
#pragma GCC unroll 4
            for (int c = 0; c < C; c++)
                sum[r][c] = zero();
        for (std::size_t p = 0; p < n; p++) {
            complex_vec of_b[C];
#pragma GCC unroll 4
            for (int c = 0; c < C; c++)
                of_b[c] = b.value(static_cast<std::size_t>(c), p);
#pragma GCC unroll 4
            for (int r = 0; r < R; r++) {
                const complex_vec of_a = a.value(static_cast<std::size_t>(r), p);
#pragma GCC unroll 4
                for (int c = 0; c < C; c++)
                    add_conjugate_first(sum[r][c], of_a, of_b[c]);
            }
        }
    }
};

// Value (i, j) of a Hermitian matrix, and its mirror image.
HWY_INLINE void
store_both(complex_vec v, planes& x, std::size_t i, std::size_t j, std::size_t lane)
{
    store(v, x, x.at(i, j) + lane);
    store({v.re, hn::Neg(v.im)}, x, x.at(j, i) + lane);
}

// G_ij = sum_p conj(X_pi) X_pj; X lower triangular where it is square and says so.
template <int R>
HWY_INLINE void
gram_rows(const planes& x, bool triangular, std::size_t i, std::size_t lane, planes& g)
{
    const std::size_t from = triangular ? i : 0, n = x.rows - from;
    const lists a = columns_of(x, i, from, lane);
    std::size_t j = 0;
    for (; j + 2 <= i + R; j += 2) {
        products<R, 2> of;
        of.compute(a, columns_of(x, j, from, lane), n);
#pragma GCC unroll 4
        for (std::size_t r = 0; r < R; r++)
#pragma GCC unroll 4
            for (std::size_t c = 0; c < 2; c++)
                store_both(of.sum[r][c], g, i + r, j + c, lane);
    }
    for (; j < i + R; j++) {
        products<R, 1> of;
        of.compute(a, columns_of(x, j, from, lane), n);
#pragma GCC unroll 4
        for (std::size_t r = 0; r < R; r++)
            store_both(of.sum[r][0], g, i + r, j, lane);
    }
}

HWY_INLINE void gram_of(const planes& x, bool triangular, std::size_t lane, planes& g)
{
    std::size_t i = 0;
    for (; i + 2 <= g.rows; i += 2)
        gram_rows<2>(x, triangular, i, lane, g);
    for (; i < g.rows; i++)
        gram_rows<1>(x, triangular, i, lane, g);
}

void gram_lanes(const planes& h, planes& g)
{
    for_lanes([&](std::size_t lane) HWY_ATTR { gram_of(h, false, lane, g); });
}

// Column j of L below the diagonal, rows i to i + R - 1.
template <int R>
HWY_INLINE void cholesky_rows(const planes& g,
                              planes& l,
                              std::size_t i,
                              std::size_t j,
                              vec inverse,
                              std::size_t lane)
{
    complex_vec sum[R];
#pragma GCC unroll 4
    for (std::size_t r = 0; r < R; r++)
        sum[r] = load(g, g.at(i + r, j) + lane);
    const lists own = rows_of(l, i, lane), of_j = rows_of(l, j, lane);
    for (std::size_t p = 0; p < j; p++) {
        const complex_vec other = of_j.value(0, p);
#pragma GCC unroll 4
        for (std::size_t r = 0; r < R; r++)
            subtract_conjugate_second(sum[r], own.value(r, p), other);
    }
#pragma GCC unroll 4
    for (std::size_t r = 0; r < R; r++)
        store({hn::Mul(sum[r].re, inverse), hn::Mul(sum[r].im, inverse)},
              l,
              l.at(i + r, j) + lane);
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
        std::size_t i = j + 1;
        for (; i + 4 <= k; i += 4)
            cholesky_rows<4>(g, l, i, j, inverse, lane);
        for (; i < k; i++)
            cholesky_rows<1>(g, l, i, j, inverse, lane);
    }
}

// Row i of L^-1, columns j to j + C - 1 of those before i. Above its diagonal L holds zeros.
template <int C>
HWY_INLINE void
inverse_row(planes& l, std::size_t i, std::size_t j, vec inverse, std::size_t lane)
{
    complex_vec sum[C];
#pragma GCC unroll 4
    for (int c = 0; c < C; c++)
        sum[c] = zero();
    for (std::size_t p = j; p < i; p++) {
        const complex_vec own = load(l, l.at(i, p) + lane);
#pragma GCC unroll 4
        for (std::size_t c = 0; c < C; c++)
            subtract_product(sum[c], own, load(l, l.at(p, j + c) + lane));
    }
#pragma GCC unroll 4
    for (std::size_t c = 0; c < C; c++)
        store({hn::Mul(sum[c].re, inverse), hn::Mul(sum[c].im, inverse)},
              l,
              l.at(i, j + c) + lane);
}

// L^-1 in place of L, row by row: what row i needs of L stands in it still, to the right of what
// is computed, and what it needs of the inverse in the rows above.
HWY_INLINE void invert_lower(planes& l, std::size_t lane)
{
    for (std::size_t i = 1; i < l.rows; i++) {
        const vec inverse = hn::Load(tag(), l.re.data() + l.at(i, i) + lane);
        std::size_t j = 0;
        for (; j + 4 <= i; j += 4)
            inverse_row<4>(l, i, j, inverse, lane);
        for (; j < i; j++)
            inverse_row<1>(l, i, j, inverse, lane);
    }
}

void invert_lanes(const planes& g, const float* rho, planes& l, planes& a)
{
    for_lanes([&](std::size_t lane) HWY_ATTR {
        cholesky(g, hn::LoadU(tag(), rho + lane), l, lane);
        invert_lower(l, lane);
        gram_of(l, true, lane, a); // A = L^-H L^-1
    });
}

// Rows i to i + R - 1 of W_ij = sum_p A_ip conj(H_jp) = conj(sum_p conj(A_ip) H_jp).
template <int R>
HWY_INLINE void
filter_rows(const planes& a, const planes& h, std::size_t i, std::size_t lane, planes& w)
{
    const lists of_a = rows_of(a, i, lane);
    const auto keep = [&](complex_vec v, std::size_t r, std::size_t j) HWY_ATTR {
        store({v.re, hn::Neg(v.im)}, w, w.at(i + r, j) + lane);
    };
    std::size_t j = 0;
    for (; j + 2 <= h.rows; j += 2) {
        products<R, 2> of;
        of.compute(of_a, rows_of(h, j, lane), a.rows);
#pragma GCC unroll 4
        for (std::size_t r = 0; r < R; r++)
#pragma GCC unroll 4
            for (std::size_t c = 0; c < 2; c++)
                keep(of.sum[r][c], r, j + c);
    }
    for (; j < h.rows; j++) {
        products<R, 1> of;
        of.compute(of_a, rows_of(h, j, lane), a.rows);
#pragma GCC unroll 4
        for (std::size_t r = 0; r < R; r++)
            keep(of.sum[r][0], r, j);
    }
}

void filter_lanes(const planes& a, const planes& h, planes& w)
{
    for_lanes([&](std::size_t lane) HWY_ATTR {
        std::size_t i = 0;
        for (; i + 2 <= a.rows; i += 2)
            filter_rows<2>(a, h, i, lane, w);
        for (; i < a.rows; i++)
            filter_rows<1>(a, h, i, lane, w);
    });
}

// Matrices of 16 channels one after another, [16][values], to planes.
void spread_lanes(const float* HWY_RESTRICT h, planes& to)
{
    const tag d;
    const std::size_t floats = 2 * to.rows * to.columns;
    for_lanes([&](std::size_t lane) HWY_ATTR {
        const float* const from = h + lane * floats;
        std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
        for (; i + 4 <= floats; i += 4) { // two complex values of all lanes
            auto re = load_blocks(d, from + i, 4 * floats);
            auto im = load_blocks(d, from + floats + i, 4 * floats);
            auto next_re = load_blocks(d, from + 2 * floats + i, 4 * floats);
            auto next_im = load_blocks(d, from + 3 * floats + i, 4 * floats);
            transpose_blocks(d, re, im, next_re, next_im);
            store({re, im}, to, i / 2 * stride + lane);
            store({next_re, next_im}, to, (i / 2 + 1) * stride + lane);
        }
#endif
        for (; i < floats; i += 2)
            for (std::size_t l = 0; l < hn::Lanes(d); l++) {
                to.re[i / 2 * stride + lane + l] = from[l * floats + i];
                to.im[i / 2 * stride + lane + l] = from[l * floats + i + 1];
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

HWY_EXPORT(spread_lanes);
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
    if (n == lanes) {
        HWY_DYNAMIC_DISPATCH(spread_lanes)(reinterpret_cast<const float*>(h), d_h);
        return;
    }
    std::fill(d_h.re.begin(), d_h.re.end(), 0.0f);
    std::fill(d_h.im.begin(), d_h.im.end(), 0.0f);
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

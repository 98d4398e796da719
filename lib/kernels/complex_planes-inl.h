/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Algebra of complex matrices, one in each lane. Included once for each target, as Highway's own
// -inl.h files are.
#if defined(FEWBIT_KERNELS_COMPLEX_PLANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FEWBIT_KERNELS_COMPLEX_PLANES_INL_H
#undef FEWBIT_KERNELS_COMPLEX_PLANES_INL_H
#else
#define FEWBIT_KERNELS_COMPLEX_PLANES_INL_H
#endif

#include "kernels/complex_planes.h"
#include "kernels/transpose-inl.h"
#include <hwy/highway.h>
#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// P is a complex_planes of any type and number of lanes throughout; lane is the first of those
// that a vector holds.
template <class P>
using plane_tag = hn::CappedTag<typename P::value_type, P::lanes>;
template <class P>
using plane_vec = hn::Vec<plane_tag<P>>;

template <class V>
struct complex_vec {
    V re, im;
};

template <class P>
HWY_INLINE complex_vec<plane_vec<P>> load(const P& p, std::size_t at)
{
    const plane_tag<P> d;
    return {hn::Load(d, p.re.data() + at), hn::Load(d, p.im.data() + at)};
}

template <class P>
HWY_INLINE void store(complex_vec<plane_vec<P>> v, P& p, std::size_t at)
{
    const plane_tag<P> d;
    hn::Store(v.re, d, p.re.data() + at);
    hn::Store(v.im, d, p.im.data() + at);
}

// sum + conj(a) b
template <class V>
HWY_INLINE void
add_conjugate_first(complex_vec<V>& sum, complex_vec<V> a, complex_vec<V> b)
{
    sum.re = hn::MulAdd(a.im, b.im, hn::MulAdd(a.re, b.re, sum.re));
    sum.im = hn::NegMulAdd(a.im, b.re, hn::MulAdd(a.re, b.im, sum.im));
}

// sum - a conj(b)
template <class V>
HWY_INLINE void
subtract_conjugate_second(complex_vec<V>& sum, complex_vec<V> a, complex_vec<V> b)
{
    sum.re = hn::NegMulAdd(a.im, b.im, hn::NegMulAdd(a.re, b.re, sum.re));
    sum.im = hn::MulAdd(a.re, b.im, hn::NegMulAdd(a.im, b.re, sum.im));
}

// sum - a b
template <class V>
HWY_INLINE void subtract_product(complex_vec<V>& sum, complex_vec<V> a, complex_vec<V> b)
{
    sum.re = hn::MulAdd(a.im, b.im, hn::NegMulAdd(a.re, b.re, sum.re));
    sum.im = hn::NegMulAdd(a.im, b.re, hn::NegMulAdd(a.re, b.im, sum.im));
}

template <class P>
HWY_INLINE complex_vec<plane_vec<P>> zero()
{
    const plane_tag<P> d;
    return {hn::Zero(d), hn::Zero(d)};
}

// Use of every vector of lanes: use(lane).
template <class P, class Use>
HWY_INLINE void for_lanes(Use use)
{
    for (std::size_t lane = 0; lane < P::lanes; lane += hn::Lanes(plane_tag<P>()))
        use(lane);
}

// Lists of values of a matrix: value p of list r at at + r * across + p * along.
template <class P>
struct lists {
    const P* of;
    std::size_t at, across, along;

    HWY_INLINE complex_vec<plane_vec<P>> value(std::size_t r, std::size_t p) const
    {
        return load(*of, at + r * across + p * along);
    }
};

template <class P>
HWY_INLINE lists<P>
columns_of(const P& x, std::size_t i, std::size_t from, std::size_t lane)
{
    return {&x, x.at(from, i) + lane, P::lanes, x.columns * P::lanes};
}

template <class P>
HWY_INLINE lists<P> rows_of(const P& x, std::size_t i, std::size_t lane)
{
    return {&x, x.at(i, 0) + lane, x.columns * P::lanes, P::lanes};
}

// sum_p conj(a_rp) b_cp of R and C lists: each load serves several sums, and there are sums
// enough to wait for none.
template <class P, int R, int C>
struct products {
    complex_vec<plane_vec<P>> sum[R][C];

    HWY_INLINE void compute(const lists<P>& a, const lists<P>& b, std::size_t n)
    {
#pragma GCC unroll 4
        for (int r = 0; r < R; r++)
#pragma GCC unroll 4
            for (int c = 0; c < C; c++)
                sum[r][c] = zero<P>();
        for (std::size_t p = 0; p < n; p++) {
            complex_vec<plane_vec<P>> of_b[C];
#pragma GCC unroll 4
            for (int c = 0; c < C; c++)
                of_b[c] = b.value(static_cast<std::size_t>(c), p);
#pragma GCC unroll 4
            for (int r = 0; r < R; r++) {
                const auto of_a = a.value(static_cast<std::size_t>(r), p);
#pragma GCC unroll 4
                for (int c = 0; c < C; c++)
                    add_conjugate_first(sum[r][c], of_a, of_b[c]);
            }
        }
    }
};

// Value (i, j) of a Hermitian matrix, and its mirror image.
template <class P>
HWY_INLINE void store_both(complex_vec<plane_vec<P>> v,
                           P& x,
                           std::size_t i,
                           std::size_t j,
                           std::size_t lane)
{
    store(v, x, x.at(i, j) + lane);
    store({v.re, hn::Neg(v.im)}, x, x.at(j, i) + lane);
}

// G_ij = sum_p conj(X_pi) X_pj; X lower triangular where it is square and says so.
template <int R, class P>
HWY_INLINE void
gram_rows(const P& x, bool triangular, std::size_t i, std::size_t lane, P& g)
{
    const std::size_t from = triangular ? i : 0, n = x.rows - from;
    const auto a = columns_of(x, i, from, lane);
    std::size_t j = 0;
    for (; j + 2 <= i + R; j += 2) {
        products<P, R, 2> of;
        of.compute(a, columns_of(x, j, from, lane), n);
#pragma GCC unroll 4
        for (std::size_t r = 0; r < R; r++)
#pragma GCC unroll 4
            for (std::size_t c = 0; c < 2; c++)
                store_both(of.sum[r][c], g, i + r, j + c, lane);
    }
    for (; j < i + R; j++) {
        products<P, R, 1> of;
        of.compute(a, columns_of(x, j, from, lane), n);
#pragma GCC unroll 4
        for (std::size_t r = 0; r < R; r++)
            store_both(of.sum[r][0], g, i + r, j, lane);
    }
}

template <class P>
HWY_INLINE void gram_of(const P& x, bool triangular, std::size_t lane, P& g)
{
    std::size_t i = 0;
    for (; i + 2 <= g.rows; i += 2)
        gram_rows<2>(x, triangular, i, lane, g);
    for (; i < g.rows; i++)
        gram_rows<1>(x, triangular, i, lane, g);
}

// Column j of L below the diagonal, rows i to i + R - 1.
template <int R, class P>
HWY_INLINE void cholesky_rows(const P& g,
                              P& l,
                              std::size_t i,
                              std::size_t j,
                              plane_vec<P> inverse,
                              std::size_t lane)
{
    complex_vec<plane_vec<P>> sum[R];
#pragma GCC unroll 4
    for (std::size_t r = 0; r < R; r++)
        sum[r] = load(g, g.at(i + r, j) + lane);
    const auto own = rows_of(l, i, lane), of_j = rows_of(l, j, lane);
    for (std::size_t p = 0; p < j; p++) {
        const auto other = of_j.value(0, p);
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

// L of G + rho I = L L^H with 1 / L_ii in place of its diagonal. A pivot that is not positive is
// taken for 1e-30.
template <class P>
HWY_INLINE void cholesky(const P& g, plane_vec<P> rho, P& l, std::size_t lane)
{
    const plane_tag<P> d;
    const std::size_t k = g.rows;
    constexpr typename P::value_type one = 1, least = 1e-30f;
    for (std::size_t j = 0; j < k; j++) {
        plane_vec<P> pivot = hn::Add(hn::Load(d, g.re.data() + g.at(j, j) + lane), rho);
        for (std::size_t p = 0; p < j; p++) {
            const auto v = load(l, l.at(j, p) + lane);
            pivot = hn::NegMulAdd(v.im, v.im, hn::NegMulAdd(v.re, v.re, pivot));
        }
        pivot = hn::Max(pivot, hn::Set(d, least));
        const plane_vec<P> inverse = hn::Div(hn::Set(d, one), hn::Sqrt(pivot));
        store({inverse, hn::Zero(d)}, l, l.at(j, j) + lane);
        std::size_t i = j + 1;
        for (; i + 4 <= k; i += 4)
            cholesky_rows<4>(g, l, i, j, inverse, lane);
        for (; i < k; i++)
            cholesky_rows<1>(g, l, i, j, inverse, lane);
    }
}

// Row i of L^-1, columns j to j + C - 1 of those before i. Above its diagonal L holds zeros.
template <int C, class P>
HWY_INLINE void
inverse_row(P& l, std::size_t i, std::size_t j, plane_vec<P> inverse, std::size_t lane)
{
    complex_vec<plane_vec<P>> sum[C];
#pragma GCC unroll 4
    for (int c = 0; c < C; c++)
        sum[c] = zero<P>();
    for (std::size_t p = j; p < i; p++) {
        const auto own = load(l, l.at(i, p) + lane);
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
template <class P>
HWY_INLINE void invert_lower(P& l, std::size_t lane)
{
    for (std::size_t i = 1; i < l.rows; i++) {
        const plane_vec<P> inverse =
            hn::Load(plane_tag<P>(), l.re.data() + l.at(i, i) + lane);
        std::size_t j = 0;
        for (; j + 4 <= i; j += 4)
            inverse_row<4>(l, i, j, inverse, lane);
        for (; j < i; j++)
            inverse_row<1>(l, i, j, inverse, lane);
    }
}

// Complex matrices of float one after another, one for each lane, to planes.
template <class P>
HWY_INLINE void spread_lanes(const float* HWY_RESTRICT h, P& to)
{
    const plane_tag<P> d;
    constexpr std::size_t stride = P::lanes;
    const std::size_t floats = 2 * to.rows * to.columns;
    for_lanes<P>([&](std::size_t lane) HWY_ATTR {
        const float* const from = h + lane * floats;
        std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
        for (; i + 4 <= floats; i += 4) { // two complex values of all lanes
            auto re = load_blocks(d, from + i, 4 * floats);
            auto im = load_blocks(d, from + floats + i, 4 * floats);
            auto next_re = load_blocks(d, from + 2 * floats + i, 4 * floats);
            auto next_im = load_blocks(d, from + 3 * floats + i, 4 * floats);
            transpose_blocks(d, re, im, next_re, next_im);
            store<P>({re, im}, to, i / 2 * stride + lane);
            store<P>({next_re, next_im}, to, (i / 2 + 1) * stride + lane);
        }
#endif
        for (; i < floats; i += 2)
            for (std::size_t l = 0; l < hn::Lanes(d); l++) {
                to.re[i / 2 * stride + lane + l] = from[l * floats + i];
                to.im[i / 2 * stride + lane + l] = from[l * floats + i + 1];
            }
    });
}

// G = H^H H, all lanes.
template <class P>
HWY_INLINE void gram_matrix(const P& h, P& g)
{
    for_lanes<P>([&](std::size_t lane) HWY_ATTR { gram_of(h, false, lane, g); });
}

// A = (G + rho I)^-1, all lanes; L is its factor's inverse.
template <class P>
HWY_INLINE void invert_ridged(const P& g, const typename P::value_type* rho, P& l, P& a)
{
    for_lanes<P>([&](std::size_t lane) HWY_ATTR {
        cholesky(g, hn::LoadU(plane_tag<P>(), rho + lane), l, lane);
        invert_lower(l, lane);
        gram_of(l, true, lane, a); // L^-H L^-1
    });
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace kernels
} // namespace fewbit
} // namespace gr
HWY_AFTER_NAMESPACE();

#endif // FEWBIT_KERNELS_COMPLEX_PLANES_INL_H

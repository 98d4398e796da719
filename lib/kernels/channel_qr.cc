/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Vectors whose length the compiler does not know cannot be kept in arrays, as the sums are.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/channel_qr.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/channel_qr.h"
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
using planes = channel_qr::planes;
constexpr std::size_t stride = channel_qr::lanes;
using tag = hn::CappedTag<double, stride>;
using vec = hn::Vec<tag>;

void gram_lanes(const planes& h, planes& g) { gram_matrix(h, g); }

void invert_lanes(const planes& g, const double* rho, planes& l, planes& a)
{
    invert_ridged(g, rho, l, a);
}

// Of values that differ by rounding alone, such as those of I and Q of a user, that of the first
// column.
struct least_of {
    vec value, column, place;

    HWY_INLINE void look(vec v, vec of_column, std::size_t at)
    {
        const tag d;
        const auto less = hn::Lt(v, hn::Mul(value, hn::Set(d, 1 - 1e-9)));
        const auto alike = hn::Le(v, hn::Mul(value, hn::Set(d, 1 + 1e-9)));
        const auto better = hn::Or(less, hn::And(alike, hn::Lt(of_column, column)));
        value = hn::IfThenElse(better, v, value);
        column = hn::IfThenElse(better, of_column, column);
        place = hn::IfThenElse(better, hn::Set(d, static_cast<double>(at)), place);
    }
};

// R_ij for j to j + J - 1, and what is left of the diagonal there.
template <int J>
HWY_INLINE void row_of_r(const channel_qr::memory& m,
                         std::size_t i,
                         vec inverse,
                         std::size_t lane,
                         std::size_t j,
                         least_of& least)
{
    const tag d;
    vec sum[J];
#pragma GCC unroll 8
    for (std::size_t c = 0; c < J; c++)
        sum[c] = hn::Load(d, m.gram + (j + c) * stride + lane);
    for (std::size_t t = 0; t < i; t++) {
        const double* const row = m.upper + t * (m.columns + 1) * stride + lane;
        const vec share = hn::Load(d, row + i * stride);
#pragma GCC unroll 8
        for (std::size_t c = 0; c < J; c++)
            sum[c] = hn::NegMulAdd(share, hn::Load(d, row + (j + c) * stride), sum[c]);
    }
#pragma GCC unroll 8
    for (std::size_t c = 0; c < J; c++) {
        const vec r = hn::Mul(sum[c], inverse);
        hn::Store(r, d, m.upper + (i * (m.columns + 1) + j + c) * stride + lane);
        double* const left = m.left + (j + c) * stride + lane;
        const vec rest = hn::NegMulAdd(r, r, hn::Load(d, left));
        hn::Store(rest, d, left);
        least.look(rest, hn::Load(d, m.order + (j + c) * stride + lane), j + c);
    }
}

void find_row(const channel_qr::memory& m, std::size_t i)
{
    const tag d;
    for_lanes<planes>([&](std::size_t lane) HWY_ATTR {
        const vec pivot = hn::Load(d, m.left + i * stride + lane);
        const vec root = hn::Sqrt(hn::Max(pivot, hn::Set(d, 1e-30)));
        hn::Store(root, d, m.upper + i * (m.columns + 2) * stride + lane);
        const vec inverse = hn::Div(hn::Set(d, 1.0), root);
        std::size_t j = i + 1;
        least_of least{
            hn::Set(d, 1e300), hn::Zero(d), hn::Set(d, static_cast<double>(j))};
        for (; j + 8 <= m.columns; j += 8)
            row_of_r<8>(m, i, inverse, lane, j, least);
        for (; j + 4 <= m.columns; j += 4)
            row_of_r<4>(m, i, inverse, lane, j, least);
        for (; j < m.columns; j++)
            row_of_r<1>(m, i, inverse, lane, j, least);
        hn::Store(least.place, d, m.next + lane);
    });
}

// Eight rows of H at a time, whose part of Q stays in the first-level cache.
void find_filter(const channel_qr::memory& m)
{
    const tag d;
    const hn::Rebind<float, tag> df;
    constexpr std::size_t J = 8;
    for (std::size_t row = 0; row < m.padded; row += J)
        for_lanes<planes>([&](std::size_t lane) HWY_ATTR {
            double* const q = m.basis + row * m.columns * stride + lane;
            for (std::size_t i = 0; i < m.columns; i++) {
                vec sum[J];
#pragma GCC unroll 8
                for (std::size_t c = 0; c < J; c++)
                    sum[c] = hn::Load(d, q + (i * J + c) * stride);
                const double* const shares = m.upper + i * stride + lane;
                for (std::size_t t = 0; t < i; t++) {
                    const vec share = hn::Load(d, shares + t * (m.columns + 1) * stride);
#pragma GCC unroll 8
                    for (std::size_t c = 0; c < J; c++)
                        sum[c] = hn::NegMulAdd(
                            share, hn::Load(d, q + (t * J + c) * stride), sum[c]);
                }
                const vec root = hn::Load(d, shares + i * (m.columns + 1) * stride);
                const vec inverse = hn::Div(hn::Set(d, 1.0), root);
#pragma GCC unroll 8
                for (std::size_t c = 0; c < J; c++) {
                    const vec found = hn::Mul(sum[c], inverse);
                    hn::Store(found, d, q + (i * J + c) * stride);
                    hn::Store(hn::DemoteTo(df, found),
                              df,
                              m.filter + ((row + c) * m.columns + i) * stride + lane);
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
HWY_EXPORT(find_row);
HWY_EXPORT(find_filter);

channel_qr::channel_qr(std::size_t antennas, std::size_t users)
    : d_columns(2 * users),
      d_inputs(2 * antennas),
      d_padded((d_inputs + 7) / 8 * 8),
      d_h(antennas, users),
      d_g(users, users),
      d_l(users, users),
      d_a(users, users),
      d_rows_of_g(lanes * users * 3 * users),
      d_columns_of_h(lanes * users * 3 * antennas),
      d_upper(d_columns * (d_columns + 1) * lanes),
      d_gram(d_columns * lanes),
      d_left(d_columns * lanes),
      d_next(lanes),
      d_basis(d_columns * d_padded * lanes),
      d_filter(d_columns * d_padded * lanes),
      d_order(d_columns * lanes)
{
}

void channel_qr::load(const std::complex<float>* h, std::size_t n) noexcept
{
    const std::size_t m = d_h.rows, k = d_h.columns;
    d_h.load(h, n);
    if (n < lanes)
        std::fill(d_columns_of_h.begin(), d_columns_of_h.end(), 0.0);
    double* column = d_columns_of_h.data();
    for (std::size_t l = 0; l < n; l++)
        for (std::size_t u = 0; u < k; u++, column += 3 * m)
            for (std::size_t a = 0; a < m; a++) {
                const std::complex<float> value = h[(l * m + a) * k + u];
                column[a] = -value.imag();
                column[m + a] = value.real();
                column[2 * m + a] = value.imag();
            }
    HWY_DYNAMIC_DISPATCH(gram_lanes)(d_h, d_g);
}

double channel_qr::energy(std::size_t lane) const noexcept
{
    double sum = 0;
    for (std::size_t u = 0; u < d_g.rows; u++)
        sum += d_g.re[d_g.at(u, u) + lane];
    return sum;
}

channel_qr::memory channel_qr::all() noexcept
{
    return {d_columns,
            d_padded,
            d_upper.data(),
            d_gram.data(),
            d_order.data(),
            d_left.data(),
            d_next.data(),
            d_basis.data(),
            d_filter.data()};
}

// To rows of each lane: from the middle on a row of the real form's upper half, from the start on
// one of its lower half.
void channel_qr::scatter(const planes& gram, const double* factors) noexcept
{
    const std::size_t k = gram.rows;
    for (std::size_t i = 0; i < k; i++)
        for (std::size_t l = 0; l < lanes; l++) {
            double* const row = d_rows_of_g.data() + (l * k + i) * 3 * k;
            for (std::size_t j = 0; j < k; j++) {
                const std::size_t at = gram.at(i, j) + l;
                row[j] = factors[l] * gram.im[at];
                row[k + j] = factors[l] * gram.re[at];
                row[2 * k + j] = -row[j];
            }
        }
}

void channel_qr::swap_places(std::size_t lane, std::size_t i, std::size_t j) noexcept
{
    if (i == j)
        return;
    std::swap(d_order[i * lanes + lane], d_order[j * lanes + lane]);
    std::swap(d_left[i * lanes + lane], d_left[j * lanes + lane]);
    double* row = d_upper.data() + lane;
    for (std::size_t t = 0; t < i; t++, row += (d_columns + 1) * lanes)
        std::swap(row[i * lanes], row[j * lanes]);
}

// R of a Gram matrix with its ridge: in the order that stands, or by the least remainders.
void channel_qr::find_rows(const double* ridges, bool is_ordered) noexcept
{
    const std::size_t k = d_g.rows;
    const memory m = all();
    for (std::size_t l = 0; l < lanes; l++) {
        std::size_t least = 0;
        for (std::size_t i = 0; i < d_columns; i++) {
            if (!is_ordered)
                d_order[i * lanes + l] = static_cast<double>(i);
            const std::size_t user = column(l, i) % k;
            d_left[i * lanes + l] =
                d_rows_of_g[(l * k + user) * 3 * k + k + user] + ridges[l];
            if (d_left[i * lanes + l] < (1 - 1e-9) * d_left[least * lanes + l])
                least = i;
        }
        d_next[l] = static_cast<double>(least);
    }
    for (std::size_t i = 0; i < d_columns; i++) {
        for (std::size_t l = 0; l < lanes; l++) {
            if (!is_ordered)
                swap_places(l, i, static_cast<std::size_t>(d_next[l]));
            const std::size_t c = column(l, i);
            const double* const row =
                d_rows_of_g.data() + (l * k + c % k) * 3 * k + (c < k ? k : 0);
            for (std::size_t j = i + 1; j < d_columns; j++)
                d_gram[j * lanes + l] = row[column(l, j)];
        }
        HWY_DYNAMIC_DISPATCH(find_row)(m, i);
    }
}

void channel_qr::find_basis(const double* scales) noexcept
{
    const std::size_t k = d_g.rows, antennas = d_h.rows;
    for (std::size_t i = 0; i < d_columns; i++)
        for (std::size_t l = 0; l < lanes; l++) {
            const std::size_t c = column(l, i);
            const double* of_h = d_columns_of_h.data() + (l * k + c % k) * 3 * antennas +
                                 (c < k ? antennas : 0);
            double* to = d_basis.data() + i * 8 * lanes + l;
            for (std::size_t e = 0; e < d_inputs; e += 8, to += d_columns * 8 * lanes)
                for (std::size_t r = 0; r < std::min<std::size_t>(8, d_inputs - e); r++)
                    to[r * lanes] = scales[l] * *of_h++;
        }
    HWY_DYNAMIC_DISPATCH(find_filter)(all());
}

void channel_qr::factor(const double* scales, const double* ridges) noexcept
{
    for (std::size_t i = 0; i < d_g.re.size(); i++) {
        const double s = scales[i % lanes];
        d_g.re[i] *= s * s;
        d_g.im[i] *= s * s;
    }
    // Whoever is detected leaves A - a a^T / a_jj of A = (G + ridge I)^-1, as a pivot does;
    // in units of 1 / ridge A is at most 1.
    const double none[lanes] = {};
    HWY_DYNAMIC_DISPATCH(invert_lanes)(d_g, ridges, d_l, d_a);
    scatter(d_a, ridges);
    find_rows(none, false);
    for (std::size_t i = 0; i < d_columns / 2; i++)
        std::swap_ranges(d_order.begin() + i * lanes,
                         d_order.begin() + (i + 1) * lanes,
                         d_order.begin() + (d_columns - 1 - i) * lanes);
    const double ones[lanes] = {1, 1, 1, 1, 1, 1, 1, 1};
    scatter(d_g, ones);
    find_rows(ridges, true);
    find_basis(scales);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

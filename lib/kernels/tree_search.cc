/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Vectors whose length the compiler does not know cannot be kept in arrays, as the keys are.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/tree_search.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/tree_search.h"
#include <hwy/highway.h>
#include <algorithm>
#include <array>
#include <utility>

#ifndef FEWBIT_TREE_SEARCH_ONCE
#define FEWBIT_TREE_SEARCH_ONCE
namespace gr {
namespace fewbit {
namespace kernels {
namespace {

using comparator = std::pair<int, int>;

// Batcher's odd-even merge sort of P keys.
template <class Use>
constexpr void for_comparators(int n, Use use)
{
    for (int p = 1; p < n; p *= 2)
        for (int k = p; k >= 1; k /= 2)
            for (int j = k % p; j + k < n; j += 2 * k)
                for (int i = 0; i < k && i + j + k < n; i++)
                    if ((i + j) / (2 * p) == (i + j + k) / (2 * p))
                        use(i + j, i + j + k);
}

template <int P>
constexpr int comparators()
{
    int count = 0;
    for_comparators(P, [&](int, int) { count++; });
    return count;
}

struct pair_of_places {
    int low, high;
};

template <int P>
constexpr auto sorting_network()
{
    std::array<pair_of_places, static_cast<std::size_t>(comparators<P>())> network{};
    std::size_t at = 0;
    for_comparators(P, [&](int low, int high) {
        network[at].low = low;
        network[at].high = high;
        at++;
    });
    return network;
}

constexpr int logarithm(std::size_t n) { return n <= 1 ? 0 : 1 + logarithm(n / 2); }

} // namespace
} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
constexpr std::size_t stride = tree_search::lanes;
using tag = hn::CappedTag<float, stride>;
using int_tag = hn::RebindToSigned<tag>;
using vec = hn::Vec<tag>;
using ints = hn::Vec<int_tag>;
constexpr float nobody = 1e30f; // the sum of squares of a survivor that is not there

HWY_INLINE void compare(ints& low, ints& high)
{
    const ints least = hn::Min(low, high);
    high = hn::Max(low, high);
    low = least;
}

template <int P, std::size_t... I>
HWY_INLINE void sort_unrolled(ints* keys, std::index_sequence<I...>)
{
    constexpr auto network = sorting_network<P>();
    (compare(keys[network[I].low], keys[network[I].high]), ...);
}

template <int P>
HWY_INLINE void sort(ints* keys)
{
    if constexpr (P > 16) {
        constexpr auto network = sorting_network<P>();
        for (const auto& one : network)
            compare(keys[one.low], keys[one.high]);
    } else if constexpr (P > 1) {
        sort_unrolled<P>(
            keys, std::make_index_sequence<static_cast<std::size_t>(comparators<P>())>());
    }
}

// The P least of two sorted lists, sorted.
template <int P>
HWY_INLINE void merge(ints* best, const ints* other)
{
#pragma GCC unroll 16
    for (int i = 0; i < P; i++)
        best[i] = hn::Min(best[i], other[P - 1 - i]);
#pragma GCC unroll 8
    for (int k = P / 2; k >= 1; k /= 2)
#pragma GCC unroll 16
        for (int i = 0; i < P; i++)
            if (!(i & k))
                compare(best[i], best[i + k]);
}

// The vectors of one register of lanes.
template <int P>
void search_lanes(const tree_search::memory& m, std::size_t lane)
{
    const tag d;
    const int_tag di;
    const std::size_t n = m.columns, per_word = 32 / m.axis_bits;
    const int levels = 1 << m.axis_bits, bits = static_cast<int>(m.axis_bits);
    const ints level_mask = hn::Set(di, levels - 1);
    const ints number = hn::Set(di, P * levels - 1), parents = hn::Set(di, P - 1);
    const ints lane_number = hn::Iota(di, static_cast<std::int32_t>(lane));
    std::uint32_t *paths = m.paths, *other = m.other;
    const float* row = m.records + n * stride + (n * (n + 1) / 2) * stride + lane;

    vec metric[P];
    metric[0] = hn::Zero(d);
    for (int s = 1; s < P; s++)
        metric[s] = hn::Set(d, nobody);

    for (std::size_t i = n; i-- > 0;) {
        const std::size_t last_word = (n - 1) / per_word, word = i / per_word;
        row -= (n - i) * stride;
        // z_i + (L - 1) sum_j R_ij - 2 sum_j R_ij level_j: x_j = 2 level_j - (L - 1)
        vec sum_of_row = hn::Zero(d);
        for (std::size_t j = i + 1; j < n; j++)
            sum_of_row = hn::Add(sum_of_row, hn::Load(d, row + (j - i) * stride));
        const vec outer = hn::Set(d, static_cast<float>(levels - 1));
        const vec start =
            hn::MulAdd(outer, sum_of_row, hn::Load(d, m.z + i * stride + lane));
        const vec gain = hn::Load(d, m.records + i * stride + lane);
        vec left[P];
#pragma GCC unroll 16
        for (int s = 0; s < P; s++)
            left[s] = start;
        for (std::size_t w = (i + 1) / per_word; w <= last_word; w++) {
            ints path[P];
#pragma GCC unroll 16
            for (int s = 0; s < P; s++)
                path[s] =
                    hn::Load(di,
                             reinterpret_cast<const std::int32_t*>(paths) +
                                 (w * P + static_cast<std::size_t>(s)) * stride + lane);
            const std::size_t from = std::max(i + 1, w * per_word);
            const std::size_t to = std::min(n, (w + 1) * per_word);
            for (std::size_t j = from; j < to; j++) {
                const vec r = hn::Load(d, row + (j - i) * stride);
                const vec twice = hn::Add(r, r);
                const int shift = static_cast<int>(j - w * per_word) * bits;
#pragma GCC unroll 16
                for (int s = 0; s < P; s++) {
                    const ints level =
                        hn::And(hn::ShiftRightSame(path[s], shift), level_mask);
                    left[s] = hn::NegMulAdd(twice, hn::ConvertTo(d, level), left[s]);
                }
            }
        }
#pragma GCC unroll 16
        for (int s = 0; s < P; s++)
            left[s] = hn::Mul(left[s], gain);
        hn::Store(left[0], d, m.decided + i * stride + lane);

        const vec diagonal = hn::Load(d, row);
        ints best[P] = {}; // set by the first level
        for (int level = 0; level < levels; level++) {
            ints keys[P];
            const vec x = hn::Set(d, static_cast<float>(2 * level - levels + 1));
            const vec at = hn::Mul(diagonal, x);
#pragma GCC unroll 16
            for (int s = 0; s < P; s++) {
                const vec e = hn::Sub(left[s], at);
                const vec sum = hn::MulAdd(e, e, metric[s]);
                keys[s] = hn::Or(hn::AndNot(number, hn::BitCast(di, sum)),
                                 hn::Set(di, level * P + s));
            }
            sort<P>(keys);
            if (level == 0)
                std::copy_n(keys, P, best);
            else
                merge<P>(best, keys);
        }

#pragma GCC unroll 16
        for (int s = 0; s < P; s++) {
            const auto at = static_cast<std::size_t>(s);
            const ints level = hn::And(hn::ShiftRight<logarithm(P)>(best[s]), level_mask);
            metric[s] = at < m.survivors ? hn::BitCast(d, hn::AndNot(number, best[s]))
                                         : hn::Set(d, nobody);
            const ints from = hn::Add(
                hn::ShiftLeft<logarithm(stride)>(hn::And(best[s], parents)), lane_number);
            for (std::size_t w = word; w <= last_word; w++) {
                auto* to =
                    reinterpret_cast<std::int32_t*>(other) + (w * P + at) * stride + lane;
                ints path = hn::Zero(di);
                if (w > word || (i + 1) / per_word == word) {
                    const auto* base =
                        reinterpret_cast<const std::int32_t*>(paths) + w * P * stride;
                    if (i + 1 < n)
                        path = P == 1 ? hn::Load(di, base + lane)
                                      : hn::GatherIndex(di, base, from);
                }
                if (w == word)
                    path = hn::Or(path,
                                  hn::ShiftLeftSame(
                                      level, static_cast<int>(i - w * per_word) * bits));
                hn::Store(path, di, to);
            }
        }
        std::swap(paths, other);
    }
    // The ridge's share is taken away: sum x^2 = sum (2 level - (L - 1))^2.
    const vec ridge = hn::Load(d, m.records + (n + n * (n + 1) / 2) * stride + lane);
    vec least = hn::Set(d, 2 * nobody);
    ints best = hn::Zero(di);
    for (int s = 0; s < P; s++) {
        vec energy = hn::Zero(d);
        for (std::size_t w = 0; w <= (n - 1) / per_word; w++) {
            const ints path =
                hn::Load(di,
                         reinterpret_cast<const std::int32_t*>(paths) +
                             (w * P + static_cast<std::size_t>(s)) * stride + lane);
            const std::size_t count = std::min(per_word, n - w * per_word);
            for (std::size_t j = 0; j < count; j++) {
                const ints level = hn::And(
                    hn::ShiftRightSame(path, static_cast<int>(j) * bits), level_mask);
                const vec twice = hn::ConvertTo(d, hn::Add(level, level));
                const vec x = hn::Sub(twice, hn::Set(d, static_cast<float>(levels - 1)));
                energy = hn::MulAdd(x, x, energy);
            }
        }
        const vec own = hn::NegMulAdd(ridge, energy, metric[s]);
        const auto better = hn::Lt(own, least);
        least = hn::IfThenElse(better, own, least);
        best = hn::IfThenElse(hn::RebindMask(di, better), hn::Set(di, s), best);
        hn::Store(own, d, m.metrics + static_cast<std::size_t>(s) * stride + lane);
    }
    hn::Store(best, di, m.best + lane);
}

template <int P>
void search_all(const tree_search::memory& m)
{
    for (std::size_t lane = 0; lane < stride; lane += hn::Lanes(tag()))
        search_lanes<P>(m, lane);
}

void search_vectors(const tree_search::memory& m)
{
    switch (m.padded) {
    case 1:
        return search_all<1>(m);
    case 2:
        return search_all<2>(m);
    case 4:
        return search_all<4>(m);
    case 8:
        return search_all<8>(m);
    case 16:
        return search_all<16>(m);
    case 32:
        return search_all<32>(m);
    default:
        return search_all<64>(m);
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

HWY_EXPORT(search_vectors);

tree_search::tree_search(std::size_t columns, unsigned axis_bits, std::size_t survivors)
    : d_columns(columns),
      d_survivors(survivors),
      d_padded(1),
      d_axis_bits(axis_bits),
      d_record_floats(columns + columns * (columns + 1) / 2 + 1)
{
    while (d_padded < survivors)
        d_padded *= 2;
    const std::size_t per_word = 32 / axis_bits;
    d_words = (columns + per_word - 1) / per_word;
    d_records.resize(d_record_floats * lanes);
    d_z.resize(columns * lanes);
    d_metrics.resize(d_padded * lanes);
    d_decided.resize(columns * lanes);
    d_paths.resize(d_words * d_padded * lanes);
    d_other.resize(d_words * d_padded * lanes);
    d_best.resize(lanes);
}

void tree_search::search(const float* const* records,
                         const float* z,
                         std::size_t n_stride,
                         std::size_t n) noexcept
{
    for (std::size_t l = 0; l < lanes; l++) {
        const std::size_t v = std::min(l, n - 1); // lanes beyond repeat the last
        for (std::size_t i = 0; i < d_record_floats; i++)
            d_records[i * lanes + l] = records[v][i];
        for (std::size_t i = 0; i < d_columns; i++)
            d_z[i * lanes + l] = z[v * n_stride + i];
    }
    HWY_DYNAMIC_DISPATCH(search_vectors)
    ({d_columns,
      d_survivors,
      d_padded,
      d_axis_bits,
      d_records.data(),
      d_z.data(),
      d_metrics.data(),
      d_paths.data(),
      d_other.data(),
      d_decided.data(),
      d_best.data()});
    if (d_columns % 2 == 1) // rows alternate between the two
        d_paths.swap(d_other);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

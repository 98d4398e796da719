/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Vectors whose length the compiler does not know cannot be kept in arrays, as the sums are;
// processors that have them run the fixed-length kernel. This file is compiled without
// contraction of products and sums.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cell_finder.cc"
#include <hwy/foreach_target.h> // must come before highway.h

#include "kernels/cell_finder.h"
#include "kernels/small_combiner-inl.h"
#include <cstring>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

using index_lanes = hn::RebindToUnsigned<float_lanes>;
using indices = hn::Vec<index_lanes>;
using bank = cell_finder::bank;

// Adds a number where a threshold has been reached.
template <std::uint32_t N>
HWY_INLINE indices add_where(hn::Mask<float_lanes> reached, indices code)
{
    const index_lanes di;
    const auto where = hn::RebindMask(di, reached);
#if HWY_TARGET <= HWY_AVX3 // masks are registers of their own
    return hn::IfThenElse(where, hn::Add(code, hn::Set(di, N)), code);
#else // a mask is all ones: -1
    const indices mask = hn::VecFromMask(di, where);
    return N == 1 ? hn::Sub(code, mask) : hn::Add(code, hn::And(mask, hn::Set(di, N)));
#endif
}

// The steps of a search that are left, the last one of half 1.
template <unsigned Left, std::size_t O>
HWY_INLINE void search_on(const float* tables,
                          const cell_finder::adc* adcs,
                          const floats (&z)[O],
                          indices (&code)[O])
{
    if constexpr (Left > 0) {
        const float_lanes d;
        tables += max_float_lanes;
#pragma GCC unroll 4
        for (std::size_t o = 0; o < O; o++) {
            const floats threshold = hn::TableLookupLanes(
                hn::Load(d, tables + adcs[o].search), hn::IndicesFromVec(d, code[o]));
            code[o] = add_where<1u << (Left - 1)>(hn::Le(threshold, z[o]), code[o]);
        }
        search_on<Left - 1, O>(tables, adcs, z, code);
    }
}

// What O ADCs add to the cell: each code by halves, then its share from a table. The ADCs go
// side by side, as a step of one waits for the step before.
template <unsigned Steps, std::size_t O>
HWY_INLINE indices search(const bank& all,
                          const cell_finder::adc* adcs,
                          const floats (&z)[O])
{
    const float_lanes d;
    const index_lanes di;
    indices code[O];
#pragma GCC unroll 4
    for (std::size_t o = 0; o < O; o++) {
        const float* t = all.search.data() + adcs[o].search;
        code[o] = hn::IfThenElseZero(hn::RebindMask(di, hn::Le(hn::Set(d, *t), z[o])),
                                     hn::Set(di, 1u << (Steps - 1)));
    }
    search_on<Steps - 1, O>(all.search.data(), adcs, z, code);
    indices cell = hn::Zero(di);
#pragma GCC unroll 4
    for (std::size_t o = 0; o < O; o++) {
        const auto share = hn::Load(di, all.of_code.data() + adcs[o].of_code);
        cell =
            hn::Add(cell, hn::TableLookupLanes(share, hn::IndicesFromVec(di, code[o])));
    }
    return cell;
}

HWY_INLINE indices count(const bank& all, const cell_finder::adc& one, floats z)
{
    const float_lanes d;
    const index_lanes di;
    const float* t = all.thresholds.data() + one.first;
    indices code = hn::Zero(di);
    for (std::uint32_t i = 0; i < one.count; i++)
        code = add_where<1>(hn::Le(hn::Set(d, t[i]), z), code);
    return hn::Mul(code, hn::Set(di, all.of_code[one.of_code + 1]));
}

// The search, if these ADCs take equally many steps and their tables fit into a register.
template <std::size_t O>
HWY_INLINE indices add_up(const bank& all,
                          const cell_finder::adc* adcs,
                          const floats (&z)[O])
{
    const index_lanes di;
    unsigned steps = adcs[0].steps;
    for (std::size_t o = 1; o < O; o++)
        steps = adcs[o].steps == steps ? steps : 0;
    const unsigned most = (1u << steps) <= hn::Lanes(di) ? steps : 0;
    if (hn::MaxLanes(di) >= 8 && most == 3)
        return search<3>(all, adcs, z);
    if (hn::MaxLanes(di) >= 16 && most == 4)
        return search<4>(all, adcs, z);
    if (hn::MaxLanes(di) >= 4 && most == 2)
        return search<2>(all, adcs, z);
    indices cell = hn::Zero(di);
#pragma GCC unroll 4 // an index that varies would send z through memory, searched or not
    for (std::size_t o = 0; o < O; o++)
        cell = hn::Add(cell, count(all, adcs[o], z[o]));
    return cell;
}

// Cells of one group of vectors, whose answers are copied one group late: both go on at once.
template <class Copy>
HWY_INLINE void each_group(const packed_map& map,
                           const bank& all,
                           const float* x,
                           std::size_t n,
                           Copy copy)
{
    const index_lanes di;
    HWY_ALIGN std::uint32_t cells[2][max_float_lanes];
    std::size_t late = 0, late_n = 0, turn = 0;
    const auto pass = [&](std::size_t at, std::size_t m, indices cell) HWY_ATTR {
        hn::Store(cell, di, cells[turn]);
        copy(late, late_n, cells[1 - turn]);
        late = at;
        late_n = m;
        turn = 1 - turn;
    };
    std::size_t done = 0;
#if HWY_TARGET != HWY_SCALAR
    const std::size_t lanes = hn::Lanes(di);
    if (map.outputs == 4 && map.inputs % 4 == 0)
        for (; done + lanes <= n; done += lanes) {
            floats z[4];
            outputs_of_rows(map, x + done * map.inputs, z);
            pass(done, lanes, add_up(all, all.adcs.data(), z));
        }
#endif
    in_columns(x + done * map.inputs,
               n - done,
               map.inputs,
               [&](std::size_t at, std::size_t m, const float* columns) HWY_ATTR {
                   indices cell = hn::Zero(di);
                   all_outputs(map, columns, [&](std::size_t o, const auto& z) HWY_ATTR {
                       cell = hn::Add(cell, add_up(all, all.adcs.data() + o, z));
                   });
                   pass(done + at, m, cell);
               });
    copy(late, late_n, cells[1 - turn]);
}

void find_cells(const packed_map& map,
                const bank& all,
                const float* x,
                std::size_t n_vectors,
                std::uint32_t* found)
{
    each_group(map,
               all,
               x,
               n_vectors,
               [&](std::size_t at, std::size_t n, const std::uint32_t* cells)
                   HWY_ATTR { std::copy_n(cells, n, found + at); });
}

// Whole rows, of which the next vector overwrites what is too much.
template <std::size_t Row>
HWY_INLINE void copy_rows(const std::uint8_t* table,
                          const std::uint32_t* cells,
                          std::size_t length,
                          std::uint8_t* to)
{
    for (std::size_t v = 0; v < hn::Lanes(index_lanes()); v++, to += length)
        std::memcpy(to, table + cells[v] * Row, Row);
}

template <std::size_t Row>
void find_rows(const packed_map& map,
               const bank& all,
               const float* x,
               std::size_t n_vectors,
               const std::uint8_t* table,
               std::size_t length,
               std::uint8_t* found)
{
    const std::size_t lanes = hn::Lanes(index_lanes());
    each_group(map,
               all,
               x,
               n_vectors,
               [=](std::size_t at, std::size_t n, const std::uint32_t* cells) HWY_ATTR {
                   std::uint8_t* const to = found + at * length;
                   if (n == lanes && (n_vectors - at - n) * length >= Row)
                       return copy_rows<Row>(table, cells, length, to);
                   for (std::size_t v = 0; v < n; v++) // the last group, to the byte
                       std::memcpy(to + v * length, table + cells[v] * Row, length);
               });
}

void find_answers(const packed_map& map,
                  const bank& all,
                  const float* x,
                  std::size_t n_vectors,
                  const void* table,
                  std::size_t row,
                  std::size_t length,
                  void* answers)
{
    const auto* from = static_cast<const std::uint8_t*>(table);
    auto* to = static_cast<std::uint8_t*>(answers);
    if (row == 1)
        find_rows<1>(map, all, x, n_vectors, from, length, to);
    else if (row == 4)
        find_rows<4>(map, all, x, n_vectors, from, length, to);
    else if (row == 8)
        find_rows<8>(map, all, x, n_vectors, from, length, to);
    else
        find_rows<16>(map, all, x, n_vectors, from, length, to);
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

HWY_EXPORT(find_cells);
HWY_EXPORT(find_answers);

cell_finder::cell_finder(const small_combiner& combiner,
                         const std::vector<unsigned>& levels,
                         const std::vector<float>& thresholds,
                         const std::vector<std::uint32_t>& strides)
    : d_combiner(combiner)
{
    constexpr unsigned lanes = 16;
    d_bank.thresholds = thresholds;
    std::size_t first = 0;
    for (std::size_t d = 0; d < levels.size(); first += levels[d] - 1, d++) {
        unsigned steps = 0;
        while (1u << steps < levels[d])
            steps++;
        d_bank.adcs.push_back({levels[d] - 1,
                               1u << steps <= lanes ? steps : 0,
                               first,
                               d_bank.search.size(),
                               d_bank.of_code.size()});
        for (unsigned code = 0; code < lanes; code++)
            d_bank.of_code.push_back(std::min(code, levels[d] - 1) * strides[d]);
        for (unsigned step = 0; step < d_bank.adcs[d].steps; step++)
            for (unsigned code = 0; code < lanes; code++) {
                const unsigned threshold = code + (1u << (steps - 1 - step)) - 1;
                d_bank.search.push_back(threshold + 1 < levels[d]
                                            ? thresholds[first + threshold]
                                            : std::numeric_limits<float>::infinity());
            }
    }
}

void cell_finder::cells(const float* x,
                        std::size_t n_vectors,
                        std::uint32_t* cells) const noexcept
{
    HWY_DYNAMIC_DISPATCH(find_cells)(d_combiner.map(), d_bank, x, n_vectors, cells);
}

void cell_finder::answers(const float* x,
                          std::size_t n_vectors,
                          const void* table,
                          std::size_t row,
                          std::size_t length,
                          void* answers) const noexcept
{
    HWY_DYNAMIC_DISPATCH(find_answers)
    (d_combiner.map(), d_bank, x, n_vectors, table, row, length, answers);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif

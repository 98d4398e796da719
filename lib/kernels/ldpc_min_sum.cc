/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/ldpc_min_sum.cc"
#include <hwy/foreach_target.h> // IWYU pragma: keep

#include "kernels/ldpc_min_sum.h"
#include <hwy/highway.h>
#include <algorithm>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using tag = hn::CappedTag<std::int8_t, ldpc_int8_lanes>;
using unsigned_tag = hn::RebindToUnsigned<tag>;
using vec = hn::Vec<tag>;
using unsigned_vec = hn::Vec<unsigned_tag>;

// Inside, a positive value speaks for bit 0, so that the sign bit is the bit.
void quantize(const ldpc_graph& g, ldpc_min_sum_memory& m, const float* llrs)
{
    const hn::CappedTag<float, ldpc_int8_lanes> d;
    const hn::Rebind<std::int8_t, decltype(d)> d8;
    const auto scale = hn::Set(d, -ldpc_steps_per_llr);
    const auto limit = hn::Set(d, static_cast<float>(ldpc_largest_channel));
    const auto chunk = [&](const float* from, std::int8_t* to) HWY_ATTR {
        const auto x = hn::LoadU(d, from);
        const auto known = hn::IfThenElseZero(hn::Eq(x, x), x);
        const auto steps = hn::Clamp(hn::Mul(known, scale), hn::Neg(limit), limit);
        hn::StoreU(hn::DemoteTo(d8, hn::NearestInt(steps)), d8, to);
    };
    const std::size_t n = g.bits(), lanes = hn::Lanes(d);
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes)
        chunk(llrs + i, m.channel.get() + i);
    if (i < n) {
        float rest[ldpc_int8_lanes] = {};
        std::copy(llrs + i, llrs + n, rest);
        chunk(rest, m.channel.get() + i);
    }
}

// Each column in its resting rotation, and twice.
void load_posterior(const ldpc_graph& g, ldpc_min_sum_memory& m)
{
    const std::size_t z = g.lifting;
    for (std::size_t c = 0; c < g.columns; ++c) {
        const std::int8_t* from = m.channel.get() + c * z;
        std::int8_t* to = m.posterior.get() + c * m.column_stride;
        std::memcpy(to, from + m.resting[c], z - m.resting[c]);
        std::memcpy(to + z - m.resting[c], from, m.resting[c]);
        std::memcpy(to + z, to, z);
    }
}

bool checks_hold(const ldpc_graph& g, const ldpc_min_sum_memory& m)
{
    const tag d;
    for (std::size_t r = 0; r < g.rows(); ++r)
        for (std::size_t j = 0; j < g.lifting; j += hn::Lanes(d)) {
            vec parity = hn::Zero(d);
            for (std::size_t e = g.row_begin[r]; e < g.row_begin[r + 1]; ++e)
                parity = hn::Xor(parity,
                                 hn::LoadU(d,
                                           m.posterior.get() +
                                               g.edges[e].column * m.column_stride +
                                               m.look[e] + j));
            const auto inside = hn::FirstN(d, g.lifting - j);
            if (!hn::AllFalse(d, hn::And(inside, hn::Lt(parity, hn::Zero(d)))))
                return false;
        }
    return true;
}

bool all_decided(const ldpc_graph& g, const ldpc_min_sum_memory& m)
{
    for (std::size_t c = 0; c < g.columns; ++c)
        if (std::memchr(m.posterior.get() + c * m.column_stride, 0, g.lifting))
            return false;
    return true;
}

HWY_INLINE unsigned_vec magnitude(vec x)
{
    return hn::BitCast(unsigned_tag(), hn::Abs(x)); // |-128| = 128 as an unsigned number
}

// What a smallest magnitude of a check is worth in a message. The minimum overrates it;
// .4 of an LLR less makes up for that. Messages may be larger than what the channel says,
// so that a bit which the channel has firmly wrong can be outvoted; docs/coding.md has
// the figures.
HWY_INLINE vec worth(unsigned_vec smallest)
{
    const unsigned_tag d;
    const unsigned_vec cut = hn::Min(smallest, hn::Set(d, ldpc_largest_message));
    return hn::BitCast(tag(), hn::SaturatedSub(cut, hn::Set(d, ldpc_message_offset)));
}

// First half of a layer: bit-to-check messages of checks j.. of row r, their two smallest
// magnitudes and their parity, into m.row.
HWY_INLINE void
gather(const ldpc_graph& g, ldpc_min_sum_memory& m, std::size_t r, std::size_t j)
{
    const tag d;
    const unsigned_tag du;
    const std::size_t first = g.row_begin[r], degree = g.row_begin[r + 1] - first;
    std::int8_t* row = m.row.get() + j;

    vec parity = hn::Zero(d);
    unsigned_vec min1 = hn::Set(du, 255), min2 = min1;
    for (std::size_t k = 0; k < degree; ++k) {
        const std::int8_t* posterior = m.posterior.get() +
                                       g.edges[first + k].column * m.column_stride +
                                       m.turn[first + k] + j;
        const std::int8_t* message = m.messages.get() + (first + k) * m.edge_stride + j;
        const vec in = hn::SaturatedSub(hn::LoadU(d, posterior), hn::Load(d, message));
        const unsigned_vec a = magnitude(in);
        hn::Store(in, d, row + k * m.edge_stride);
        parity = hn::Xor(parity, in);
        min2 = hn::Min(min2, hn::Max(min1, a));
        min1 = hn::Min(min1, a);
    }
    hn::Store(parity, d, row + degree * m.edge_stride);
    hn::Store(hn::BitCast(d, min1), d, row + (degree + 1) * m.edge_stride);
    hn::Store(hn::BitCast(d, min2), d, row + (degree + 2) * m.edge_stride);
}

// Second half: check-to-bit messages and new posteriors.
HWY_INLINE void
scatter(const ldpc_graph& g, ldpc_min_sum_memory& m, std::size_t r, std::size_t j)
{
    const tag d;
    const unsigned_tag du;
    const std::size_t first = g.row_begin[r], degree = g.row_begin[r + 1] - first;
    const std::int8_t* row = m.row.get() + j;
    const vec parity = hn::Load(d, row + degree * m.edge_stride);
    const unsigned_vec min1 =
        hn::BitCast(du, hn::Load(d, row + (degree + 1) * m.edge_stride));
    const unsigned_vec min2 =
        hn::BitCast(du, hn::Load(d, row + (degree + 2) * m.edge_stride));
    const vec usual = worth(min1), for_smallest = worth(min2);

    for (std::size_t k = 0; k < degree; ++k) {
        const vec in = hn::Load(d, row + k * m.edge_stride);
        const auto is_smallest = hn::RebindMask(d, hn::Eq(magnitude(in), min1));
        const vec size = hn::IfThenElse(is_smallest, for_smallest, usual);
        const vec sign = hn::BroadcastSignBit(hn::Xor(parity, in));
        const vec out = hn::Sub(hn::Xor(size, sign), sign);
        hn::Store(out, d, m.messages.get() + (first + k) * m.edge_stride + j);
        std::int8_t* posterior =
            m.posterior.get() + g.edges[first + k].column * m.column_stride + j;
        const vec sum = hn::SaturatedAdd(in, out);
        hn::StoreU(sum, d, posterior);
        hn::StoreU(sum, d, posterior + g.lifting);
    }
}

void iterate(const ldpc_graph& g, ldpc_min_sum_memory& m)
{
    const std::size_t lanes = hn::Lanes(tag());
    const std::size_t chunks = (g.lifting + lanes - 1) / lanes;
    for (std::size_t r = 0; r < g.rows(); ++r) {
        for (std::size_t j = 0; j < chunks; ++j)
            gather(g, m, r, j * lanes);
        // From the back: what a chunk writes beyond Z is overwritten by an earlier one's
        // copy.
        for (std::size_t j = chunks; j-- > 0;)
            scatter(g, m, r, j * lanes);
    }
}

void write_bits(const ldpc_graph& g, const ldpc_min_sum_memory& m, std::uint8_t* bits)
{
    const std::size_t z = g.lifting;
    for (std::size_t c = 0; c < g.columns; ++c) {
        // Bit i stands at (i - resting) mod Z, and again Z further on.
        const std::int8_t* from =
            m.posterior.get() + c * m.column_stride + (z - m.resting[c]);
        for (std::size_t i = 0; i < z; ++i)
            bits[c * z + i] = from[i] <= 0;
    }
}

ldpc_outcome min_sum(const ldpc_graph& g,
                     ldpc_min_sum_memory& m,
                     const float* llrs,
                     std::size_t max_iterations,
                     std::uint8_t* bits)
{
    quantize(g, m, llrs);
    load_posterior(g, m);
    ldpc_outcome outcome{0, checks_hold(g, m) && all_decided(g, m)};
    if (!outcome.converged)
        std::memset(m.messages.get(), 0, g.edges.size() * m.edge_stride);
    while (!outcome.converged && outcome.iterations < max_iterations) {
        iterate(g, m);
        ++outcome.iterations;
        outcome.converged = checks_hold(g, m) && all_decided(g, m);
    }
    write_bits(g, m, bits);
    return outcome;
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

HWY_EXPORT(min_sum);

namespace {

hwy::AlignedFreeUniquePtr<std::int8_t[]> zeros(std::size_t n)
{
    auto memory = hwy::AllocateAligned<std::int8_t>(n);
    std::memset(memory.get(), 0, n);
    return memory;
}

// Room for whole vectors from any chunk's beginning on, and every row aligned.
std::size_t padded(std::size_t n)
{
    return (n + 2 * ldpc_int8_lanes - 1) / ldpc_int8_lanes * ldpc_int8_lanes;
}

} // namespace

ldpc_min_sum_memory::ldpc_min_sum_memory(const ldpc_graph& g)
    : turn(g.edges.size()),
      look(g.edges.size()),
      resting(g.columns, 0),
      column_stride(padded(2 * g.lifting)),
      edge_stride(padded(g.lifting)),
      channel(zeros(padded(g.bits()))),
      posterior(zeros(g.columns * column_stride)),
      messages(zeros(g.edges.size() * edge_stride)),
      row(zeros((g.max_degree + 3) * edge_stride))
{
    for (const auto& edge : g.edges)
        resting[edge.column] = edge.shift;
    std::vector<std::size_t> now = resting;
    for (std::size_t e = 0; e < g.edges.size(); ++e) {
        const auto& edge = g.edges[e];
        turn[e] = (edge.shift + g.lifting - now[edge.column]) % g.lifting;
        look[e] = (edge.shift + g.lifting - resting[edge.column]) % g.lifting;
        now[edge.column] = edge.shift;
    }
}

ldpc_outcome ldpc_min_sum(const ldpc_graph& graph,
                          ldpc_min_sum_memory& memory,
                          const float* llrs,
                          std::size_t max_iterations,
                          std::uint8_t* bits) noexcept
{
    return HWY_DYNAMIC_DISPATCH(min_sum)(graph, memory, llrs, max_iterations, bits);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif // HWY_ONCE

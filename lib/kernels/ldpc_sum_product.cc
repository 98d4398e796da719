/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/ldpc_sum_product.cc"
#include <hwy/foreach_target.h> // IWYU pragma: keep

#include "kernels/ldpc_sum_product.h"
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>
#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace gr {
namespace fewbit {
namespace kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using tag = hn::CappedTag<float, ldpc_float_lanes>;
using vec = hn::Vec<tag>;

// A magnitude above this changes nothing: exp(-80) is near the smallest normal float.
constexpr float largest_llr = 80.0f;

// Inside, a positive value speaks for bit 0, so that the sign bit is the bit.
void load_channel(const ldpc_graph& g, ldpc_sum_product_memory& m, const float* llrs)
{
    for (std::size_t c = 0; c < g.columns; ++c) {
        float* to = m.channel.get() + c * m.edge_stride;
        const float* from = llrs + c * g.lifting;
        for (std::size_t i = 0; i < g.lifting; ++i) {
            const float x = from[i] == from[i] ? -from[i] : 0.0f;
            to[i] = std::min(std::max(x, -largest_llr), largest_llr);
        }
    }
}

// posterior = channel + sums, folded and written twice; sums start again at zero.
void add_sums(const ldpc_graph& g, ldpc_sum_product_memory& m)
{
    const tag d;
    const std::size_t z = g.lifting;
    for (std::size_t c = 0; c < g.columns; ++c) {
        const float* channel = m.channel.get() + c * m.edge_stride;
        float* sums = m.sums.get() + c * m.column_stride;
        float* posterior = m.posterior.get() + c * m.column_stride;
        // From the back: the slack that a chunk writes beyond Z is overwritten by a later
        // one.
        for (std::size_t j = (z - 1) / hn::Lanes(d) * hn::Lanes(d) + hn::Lanes(d);
             j > 0;) {
            j -= hn::Lanes(d);
            const vec folded =
                hn::Add(hn::LoadU(d, sums + j), hn::LoadU(d, sums + z + j));
            const vec value = hn::Add(hn::LoadU(d, channel + j), folded);
            hn::StoreU(value, d, posterior + j);
            hn::StoreU(value, d, posterior + z + j);
        }
        std::fill_n(sums, m.column_stride, 0.0f);
    }
}

// Every check even and no bit undecided.
bool is_solved(const ldpc_graph& g, const ldpc_sum_product_memory& m)
{
    const tag d;
    const hn::RebindToSigned<tag> integers;
    for (std::size_t r = 0; r < g.rows(); ++r)
        for (std::size_t j = 0; j < g.lifting; j += hn::Lanes(d)) {
            vec parity = hn::Zero(d);
            auto undecided = hn::FirstN(d, 0);
            for (std::size_t e = g.row_begin[r]; e < g.row_begin[r + 1]; ++e) {
                const vec p =
                    hn::LoadU(d,
                              m.posterior.get() + g.edges[e].column * m.column_stride +
                                  g.edges[e].shift + j);
                parity = hn::Xor(parity, p);
                undecided = hn::Or(undecided, hn::Eq(p, hn::Zero(d)));
            }
            const auto inside = hn::FirstN(d, g.lifting - j);
            const auto sign = hn::BitCast(integers, parity);
            const auto odd = hn::RebindMask(d, hn::Lt(sign, hn::Zero(integers)));
            if (!hn::AllFalse(d, hn::And(inside, hn::Or(odd, undecided))))
                return false;
        }
    return true;
}

// With u = 1 - tanh(|L|/2), the sum-product rule tanh(|L|/2) = product of tanh(|L_i|/2)
// is u = u_a + u_b - u_a u_b. Products of tanh would round to 1 from |L| = 17 on; u keeps
// its relative precision down to exp(-80), and leaving one edge out needs no division.
HWY_INLINE vec join(vec a, vec b) { return hn::NegMulAdd(a, b, hn::Add(a, b)); }

HWY_INLINE vec unreliability(tag d, vec magnitude)
{
    const vec e = hn::Exp(d, hn::Neg(hn::Min(magnitude, hn::Set(d, largest_llr))));
    return hn::Div(hn::Add(e, e), hn::Add(hn::Set(d, 1.0f), e));
}

HWY_INLINE vec magnitude_of(tag d, vec u)
{
    const vec x = hn::Log(d, hn::Div(hn::Sub(hn::Set(d, 2.0f), u), u));
    return hn::Max(x, hn::Zero(d));
}

// The checks j..j+lanes-1 of base row r: from bit-to-check to check-to-bit messages.
void update_checks(const ldpc_graph& g,
                   ldpc_sum_product_memory& m,
                   std::size_t r,
                   std::size_t j)
{
    const tag d;
    const std::size_t first = g.row_begin[r], degree = g.row_begin[r + 1] - first;
    float* unreliable = m.row_unreliable.get();
    float* prefix = m.row_prefix.get();
    float* sign = m.row_sign.get();

    vec joined = hn::Zero(d), parity = hn::Zero(d);
    for (std::size_t k = 0; k < degree; ++k) {
        const ldpc_graph::edge& edge = g.edges[first + k];
        const float* posterior =
            m.posterior.get() + edge.column * m.column_stride + edge.shift + j;
        const float* message = m.messages.get() + (first + k) * m.edge_stride + j;
        const vec in = hn::Sub(hn::LoadU(d, posterior), hn::Load(d, message));
        const vec u = unreliability(d, hn::Abs(in));
        parity = hn::Xor(parity, in);
        hn::Store(in, d, sign + k * ldpc_float_lanes);
        hn::Store(u, d, unreliable + k * ldpc_float_lanes);
        hn::Store(joined, d, prefix + k * ldpc_float_lanes);
        joined = join(joined, u);
    }

    const auto inside = hn::FirstN(d, g.lifting - j);
    vec suffix = hn::Zero(d);
    for (std::size_t k = degree; k-- > 0;) {
        const ldpc_graph::edge& edge = g.edges[first + k];
        const vec others = join(hn::Load(d, prefix + k * ldpc_float_lanes), suffix);
        suffix = join(suffix, hn::Load(d, unreliable + k * ldpc_float_lanes));
        const vec odd = hn::Xor(parity, hn::Load(d, sign + k * ldpc_float_lanes));
        const vec out =
            hn::IfThenElseZero(inside, hn::CopySignToAbs(magnitude_of(d, others), odd));
        hn::Store(out, d, m.messages.get() + (first + k) * m.edge_stride + j);
        float* sum = m.sums.get() + edge.column * m.column_stride + edge.shift + j;
        hn::StoreU(hn::Add(hn::LoadU(d, sum), out), d, sum);
    }
}

void write_bits(const ldpc_graph& g, const ldpc_sum_product_memory& m, std::uint8_t* bits)
{
    for (std::size_t c = 0; c < g.columns; ++c) {
        const float* posterior = m.posterior.get() + c * m.column_stride;
        for (std::size_t i = 0; i < g.lifting; ++i)
            bits[c * g.lifting + i] = posterior[i] <= 0.0f;
    }
}

ldpc_outcome sum_product(const ldpc_graph& g,
                         ldpc_sum_product_memory& m,
                         const float* llrs,
                         std::size_t max_iterations,
                         std::uint8_t* bits)
{
    const tag d;
    load_channel(g, m, llrs);
    std::fill_n(m.messages.get(), g.edges.size() * m.edge_stride, 0.0f);
    std::fill_n(m.sums.get(), g.columns * m.column_stride, 0.0f);
    add_sums(g, m);

    ldpc_outcome outcome{0, is_solved(g, m)};
    while (!outcome.converged && outcome.iterations < max_iterations) {
        for (std::size_t r = 0; r < g.rows(); ++r)
            for (std::size_t j = 0; j < g.lifting; j += hn::Lanes(d))
                update_checks(g, m, r, j);
        add_sums(g, m);
        ++outcome.iterations;
        outcome.converged = is_solved(g, m);
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

HWY_EXPORT(sum_product);

namespace {

hwy::AlignedFreeUniquePtr<float[]> zeros(std::size_t n)
{
    auto memory = hwy::AllocateAligned<float>(n);
    std::fill_n(memory.get(), n, 0.0f);
    return memory;
}

// Room for whole vectors from any chunk's beginning on, and every row aligned.
std::size_t padded(std::size_t n)
{
    return (n + 2 * ldpc_float_lanes - 1) / ldpc_float_lanes * ldpc_float_lanes;
}

} // namespace

ldpc_sum_product_memory::ldpc_sum_product_memory(const ldpc_graph& g)
    : column_stride(padded(2 * g.lifting)),
      edge_stride(padded(g.lifting)),
      channel(zeros(g.columns * edge_stride)),
      posterior(zeros(g.columns * column_stride)),
      sums(zeros(g.columns * column_stride)),
      messages(zeros(g.edges.size() * edge_stride)),
      row_unreliable(zeros(g.max_degree * ldpc_float_lanes)),
      row_prefix(zeros(g.max_degree * ldpc_float_lanes)),
      row_sign(zeros(g.max_degree * ldpc_float_lanes))
{
}

ldpc_outcome ldpc_sum_product(const ldpc_graph& graph,
                              ldpc_sum_product_memory& memory,
                              const float* llrs,
                              std::size_t max_iterations,
                              std::uint8_t* bits) noexcept
{
    return HWY_DYNAMIC_DISPATCH(sum_product)(graph, memory, llrs, max_iterations, bits);
}

} // namespace kernels
} // namespace fewbit
} // namespace gr
#endif // HWY_ONCE

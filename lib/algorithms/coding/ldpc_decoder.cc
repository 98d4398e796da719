/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/coding/ldpc_decoder.h>

#include "kernels/ldpc_min_sum.h"
#include "kernels/ldpc_sum_product.h"
#include <algorithm>
#include <stdexcept>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

static_assert(ldpc_decoder::llr_step == 1 / kernels::ldpc_steps_per_llr &&
                  ldpc_decoder::llr_limit ==
                      kernels::ldpc_largest_channel / kernels::ldpc_steps_per_llr,
              "the header tells what the kernel does");

kernels::ldpc_graph graph_of(const ldpc_code& code)
{
    kernels::ldpc_graph graph;
    graph.lifting = code.lifting();
    graph.columns = code.base_columns();
    graph.row_begin.push_back(0);
    for (std::size_t r = 0; r < code.base_rows(); ++r) {
        for (const auto& edge : code.row(r))
            graph.edges.push_back({edge.column, edge.shift});
        graph.row_begin.push_back(graph.edges.size());
        graph.max_degree = std::max(graph.max_degree, code.row(r).size());
    }
    return graph;
}

std::size_t checked_iterations(std::size_t n)
{
    if (n < 1 || n > 1000)
        throw std::invalid_argument("ldpc_decoder: max_iterations is " +
                                    std::to_string(n) + ", expected 1 to 1000");
    return n;
}

} // namespace

ldpc_algorithm ldpc_algorithm_from_name(const std::string& name)
{
    if (name == "min-sum")
        return ldpc_algorithm::min_sum;
    if (name == "sum-product")
        return ldpc_algorithm::sum_product;
    throw std::invalid_argument("ldpc_decoder: there is no algorithm '" + name +
                                "'; choose min-sum or sum-product");
}

struct ldpc_decoder::implementation {
    implementation(const ldpc_code& code_, ldpc_algorithm algorithm_, std::size_t n)
        : code(code_),
          algorithm(algorithm_),
          max_iterations(checked_iterations(n)),
          graph(graph_of(code)),
          word(code.codeword_bits())
    {
        if (algorithm == ldpc_algorithm::min_sum)
            min_sum = std::make_unique<kernels::ldpc_min_sum_memory>(graph);
        else
            sum_product = std::make_unique<kernels::ldpc_sum_product_memory>(graph);
    }

    ldpc_code code;
    ldpc_algorithm algorithm;
    std::size_t max_iterations;
    kernels::ldpc_graph graph;
    std::vector<std::uint8_t> word;
    std::unique_ptr<kernels::ldpc_min_sum_memory> min_sum; // the one that is used
    std::unique_ptr<kernels::ldpc_sum_product_memory> sum_product;
};

ldpc_decoder::ldpc_decoder(const ldpc_code& code,
                           ldpc_algorithm algorithm,
                           std::size_t max_iterations)
    : d_implementation(std::make_unique<implementation>(code, algorithm, max_iterations))
{
}

ldpc_decoder::~ldpc_decoder() = default;
ldpc_decoder::ldpc_decoder(ldpc_decoder&&) noexcept = default;
ldpc_decoder& ldpc_decoder::operator=(ldpc_decoder&&) noexcept = default;

const ldpc_code& ldpc_decoder::code() const { return d_implementation->code; }
ldpc_algorithm ldpc_decoder::algorithm() const { return d_implementation->algorithm; }
std::size_t ldpc_decoder::max_iterations() const
{
    return d_implementation->max_iterations;
}

void ldpc_decoder::set_max_iterations(std::size_t max_iterations)
{
    d_implementation->max_iterations = checked_iterations(max_iterations);
}

ldpc_result ldpc_decoder::decode(const float* llrs, std::uint8_t* bits) noexcept
{
    implementation& my = *d_implementation;
    const kernels::ldpc_outcome outcome =
        my.min_sum
            ? kernels::ldpc_min_sum(
                  my.graph, *my.min_sum, llrs, my.max_iterations, my.word.data())
            : kernels::ldpc_sum_product(
                  my.graph, *my.sum_product, llrs, my.max_iterations, my.word.data());
    std::copy_n(my.word.data(), my.code.information_bits(), bits);
    return {outcome.iterations, outcome.converged};
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

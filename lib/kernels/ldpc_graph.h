/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_LDPC_GRAPH_H
#define INCLUDED_FEWBIT_KERNELS_LDPC_GRAPH_H

#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace kernels {

/*! \brief A quasi-cyclic parity-check matrix as the decoders' kernels walk it.
 *
 * Check i of base row r joins, for each of the row's edges, bit (i + shift) mod Z of base
 * column `column`. Edges stand row after row.
 */
struct ldpc_graph {
    struct edge {
        std::size_t column;
        std::size_t shift;
    };
    std::size_t lifting = 0; // Z
    std::size_t columns = 0;
    std::size_t max_degree = 0;
    std::vector<std::size_t> row_begin; // base rows + 1 indices into edges
    std::vector<edge> edges;

    std::size_t rows() const { return row_begin.size() - 1; }
    std::size_t bits() const { return columns * lifting; }
};

//! What a decoder did: iterations run, and whether it ended in a codeword.
struct ldpc_outcome {
    std::size_t iterations;
    bool converged;
};

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_LDPC_GRAPH_H */

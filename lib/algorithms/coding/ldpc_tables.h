/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_LIB_CODING_LDPC_TABLES_H
#define INCLUDED_FEWBIT_LIB_CODING_LDPC_TABLES_H

#include <cstddef>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! A base matrix of a standard, as ldpc_code's constructor takes it.
struct ldpc_table {
    const char* name;
    std::size_t lifting;
    std::size_t rows;
    std::size_t columns;
    std::vector<int> shifts;
};

//! The built-in base matrices.
const std::vector<ldpc_table>& ldpc_tables();

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_LIB_CODING_LDPC_TABLES_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TASK_QUANTIZER_SIMPLEX_SEARCH_H
#define INCLUDED_FEWBIT_TASK_QUANTIZER_SIMPLEX_SEARCH_H

#include <cstddef>
#include <functional>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! A point and the function's value there.
struct search_point {
    std::vector<double> x;
    double value = 0;
};

/*! \brief Lower a function by Nelder and Mead's simplex search (Computer Journal 7, 1965),
 * started anew from its best point when the simplex has collapsed.
 *
 * \param f what to lower; it must not return NaN
 * \param start where to begin
 * \param step the first simplex' edges
 * \param evaluations of f at most, beyond those of one simplex
 */
search_point simplex_search(const std::function<double(const std::vector<double>&)>& f,
                            const std::vector<double>& start,
                            double step,
                            std::size_t evaluations);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_TASK_QUANTIZER_SIMPLEX_SEARCH_H */

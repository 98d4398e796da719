/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_TABLES_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_TABLES_H

#include <gnuradio/fewbit/algorithms/bundle.h>
#include <cstddef>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*! \brief A tensor of 1 to \p most knots, each more than the one before it.
 * \throws bundle_error in one sentence, as the next */
std::vector<float>
read_knots(const bundle& file, const std::string& name, std::size_t most);

//! A tensor of natural logarithms from -30 to 30.
std::vector<float> read_logarithms(const bundle& file,
                                   const std::string& name,
                                   const bundle::shape_type& shape);

//! Where a value lies among knots: between two of them, or at an end.
struct knot_place {
    std::size_t low = 0, high = 0;
    float between = 0; //!< 0 at low, 1 at high

    float of(float at_low, float at_high) const noexcept
    {
        return at_low + between * (at_high - at_low);
    }
};

//! Beyond the ends: at the end. Not for NaN.
knot_place place_among(const std::vector<float>& knots, double value) noexcept;

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_UNFOLDED_TABLES_H */

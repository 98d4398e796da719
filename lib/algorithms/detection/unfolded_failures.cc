/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/detection/unfolded_failures.h"

#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

unfolded_failures::unfolded_failures(const bundle& file)
{
    if (!file.has_tensor("output.foreseen.log"))
        return;
    d_foreseen = read_knots(file, "output.foreseen.log", 64);
    d_snr = read_knots(file, "output.snr_db", 1024);
    const bundle::shape_type shape{d_snr.size(), d_foreseen.size()};
    d_spread = read_logarithms(file, "output.spread.log", shape);
    d_weight = read_logarithms(file, "output.failure.weight.log", shape);
    d_wide_spread = read_logarithms(file, "output.failure.spread.log", shape);
    d_unseen = read_logarithms(file, "output.failure.unseen.log", shape);
}

unfolded_failures::mixture unfolded_failures::at(const knot_place& snr,
                                                 float log_rho) const noexcept
{
    const auto place = place_among(d_foreseen, static_cast<double>(log_rho));
    const std::size_t width = d_foreseen.size();
    const auto in = [&](const table& t) {
        const float* const low = t.data() + snr.low * width;
        const float* const high = t.data() + snr.high * width;
        return snr.of(place.of(low[place.low], low[place.high]),
                      place.of(high[place.low], high[place.high]));
    };
    return {std::exp(in(d_spread)),
            in(d_weight),
            std::exp(in(d_wide_spread)),
            std::exp(in(d_unseen))};
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/link/awgn.h>

#include "algorithms/link/random_source.h"
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

awgn::awgn(std::uint64_t seed) : d_random(std::make_unique<random_source>(seed)) {}

awgn::~awgn() = default;

void awgn::add(const std::complex<float>* in,
               std::size_t n,
               float noise_variance,
               std::complex<float>* out) noexcept
{
    const bool some = noise_variance > 0.0f && std::isfinite(noise_variance);
    const float per_axis = some ? std::sqrt(0.5f * noise_variance) : 0.0f;
    for (std::size_t i = 0; i < n; ++i)
        out[i] = in[i] + per_axis * d_random->gaussian();
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

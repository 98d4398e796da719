/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_LINK_AWGN_H
#define INCLUDED_FEWBIT_ALGORITHMS_LINK_AWGN_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace gr {
namespace fewbit {
namespace algorithms {

class random_source;

/*! \brief White circular complex Gaussian noise: y = x + n, E|n|^2 = noise variance.
 *
 * Both axes together carry the noise variance, half of it each. A seed repeats the noise.
 */
class FEWBIT_ALGORITHMS_API awgn
{
public:
    explicit awgn(std::uint64_t seed);
    ~awgn();

    /*! \brief Add noise to \p n samples; \p out may be \p in.
     *
     * A noise variance that is not positive and finite adds none (but draws the same
     * numbers, so that what follows does not depend on it).
     */
    void add(const std::complex<float>* in,
             std::size_t n,
             float noise_variance,
             std::complex<float>* out) noexcept;

private:
    std::unique_ptr<random_source> d_random;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_LINK_AWGN_H */

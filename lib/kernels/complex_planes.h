/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_COMPLEX_PLANES_H
#define INCLUDED_FEWBIT_KERNELS_COMPLEX_PLANES_H

#include "aligned_vector.h"
#include <algorithm>
#include <complex>
#include <cstddef>

namespace gr {
namespace fewbit {
namespace kernels {

//! A complex matrix in each of Lanes lanes: value (i, j) of lane l at [i * columns + j][l].
template <typename T, std::size_t Lanes>
struct complex_planes {
    using value_type = T;
    static constexpr std::size_t lanes = Lanes;

    std::size_t rows = 0, columns = 0;
    aligned_vector<T> re, im;

    complex_planes() = default;
    complex_planes(std::size_t r, std::size_t c)
        : rows(r), columns(c), re(r * c * lanes), im(r * c * lanes)
    {
    }
    std::size_t at(std::size_t i, std::size_t j) const noexcept
    {
        return (i * columns + j) * lanes;
    }

    //! \p n <= Lanes matrices [rows][columns], one after another; lanes beyond them are zero.
    void load(const std::complex<float>* matrices, std::size_t n) noexcept
    {
        const std::size_t values = rows * columns;
        if (n < lanes) {
            std::fill(re.begin(), re.end(), T(0));
            std::fill(im.begin(), im.end(), T(0));
        }
        for (std::size_t i = 0; i < values; i++)
            for (std::size_t l = 0; l < n; l++) {
                re[i * lanes + l] = matrices[l * values + i].real();
                im[i * lanes + l] = matrices[l * values + i].imag();
            }
    }
};

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_COMPLEX_PLANES_H */

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BINDINGS_LINK_ARRAYS_H
#define INCLUDED_FEWBIT_BINDINGS_LINK_ARRAYS_H

#include <pybind11/complex.h>
#include <pybind11/numpy.h>
#include <complex>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

// What the link's bindings share: arrays whose last dimension is a packet, any number
// before it.

template <typename T>
using carray =
    pybind11::array_t<T, pybind11::array::c_style | pybind11::array::forcecast>;
using complex_array = carray<std::complex<float>>;

template <typename T>
std::vector<pybind11::ssize_t> shape_of(const carray<T>& a)
{
    return {a.shape(), a.shape() + a.ndim()};
}

// The shape with its last dimension replaced; `who` names the caller when there is none.
template <typename T>
std::vector<pybind11::ssize_t>
with_last(const carray<T>& a, std::size_t last, const char* who)
{
    auto shape = shape_of(a);
    if (shape.empty())
        throw std::invalid_argument(
            std::string(who) + ": the array has no dimension, expected at least one");
    shape.back() = static_cast<pybind11::ssize_t>(last);
    return shape;
}

#endif /* INCLUDED_FEWBIT_BINDINGS_LINK_ARRAYS_H */

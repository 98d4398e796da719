/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BINDINGS_CODING_BATCHES_H
#define INCLUDED_FEWBIT_BINDINGS_CODING_BATCHES_H

#include <pybind11/numpy.h>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

// Batches of words: arrays whose last dimension is the word, with any dimensions before
// it.

template <typename T>
using words_array =
    pybind11::array_t<T, pybind11::array::c_style | pybind11::array::forcecast>;

//! Bits of a word; throws when the array has no dimension.
template <typename T>
std::size_t word_length(const words_array<T>& words, const char* who)
{
    if (words.ndim() < 1)
        throw std::invalid_argument(std::string(who) +
                                    ": got a single number, expected an array of words");
    return static_cast<std::size_t>(words.shape(words.ndim() - 1));
}

//! Number of words; throws when they are not of that length.
template <typename T>
std::size_t word_count(const words_array<T>& words, std::size_t length, const char* who)
{
    const std::size_t found = words.ndim() ? word_length(words, who) : 0;
    if (words.ndim() < 1 || found != length)
        throw std::invalid_argument(std::string(who) + ": the last dimension is " +
                                    (words.ndim() ? std::to_string(found) : "missing") +
                                    ", expected " + std::to_string(length));
    return static_cast<std::size_t>(words.size()) / length;
}

//! The dimensions before the word.
template <typename T>
std::vector<pybind11::ssize_t> leading_shape(const words_array<T>& words)
{
    return {words.shape(), words.shape() + words.ndim() - 1};
}

//! The same dimensions with words of another length.
template <typename T>
std::vector<pybind11::ssize_t> with_length(const words_array<T>& words,
                                           std::size_t length)
{
    auto shape = leading_shape(words);
    shape.push_back(static_cast<pybind11::ssize_t>(length));
    return shape;
}

#endif /* INCLUDED_FEWBIT_BINDINGS_CODING_BATCHES_H */

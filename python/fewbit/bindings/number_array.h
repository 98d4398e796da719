/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BINDINGS_NUMBER_ARRAY_H
#define INCLUDED_FEWBIT_BINDINGS_NUMBER_ARRAY_H

#include <pybind11/numpy.h>
#include <stdexcept>
#include <string>

/*! \brief Whatever numpy takes for an array of numbers.
 * \param what begins the sentence, such as "rotation_search: channel"
 * \throws std::invalid_argument where rows are of different lengths, or values no numbers
 */
inline pybind11::array number_array(const pybind11::object& given,
                                    const std::string& what)
{
    const auto found = pybind11::array::ensure(given);
    const std::string numbers = "biufc"; // numpy's letters for kinds of them
    if (!found || numbers.find(found.dtype().kind()) == std::string::npos)
        throw std::invalid_argument(
            what + " is no array of numbers, expected rows of equal length");
    return found;
}

#endif /* INCLUDED_FEWBIT_BINDINGS_NUMBER_ARRAY_H */

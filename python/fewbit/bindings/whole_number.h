/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BINDINGS_WHOLE_NUMBER_H
#define INCLUDED_FEWBIT_BINDINGS_WHOLE_NUMBER_H

#include "registrars.h"
#include <limits>
#include <stdexcept>
#include <string>

//! An int of Python of any size and sign, so that whoever takes it can say what is wrong.
class whole_number
{
public:
    whole_number() = default;
    explicit whole_number(py::int_ value) : d_value(std::move(value)) {}

    /*! \brief The number as an unsigned integer.
     * \throws std::invalid_argument "WHO: NAME is -1, expected a whole number from 0 to .."
     */
    template <typename Unsigned>
    Unsigned as(const std::string& who, const std::string& name) const
    {
        constexpr auto most = std::numeric_limits<Unsigned>::max();
        const unsigned long long value = PyLong_AsUnsignedLongLong(d_value.ptr());
        const bool beyond = PyErr_Occurred() != nullptr; // negative, or above 64 bits
        PyErr_Clear();
        if (beyond || value > most)
            throw std::invalid_argument(who + ": " + name + " is " + shown() +
                                        ", expected a whole number from 0 to " +
                                        std::to_string(most));
        return static_cast<Unsigned>(value);
    }

private:
    // Python refuses to write numbers of some thousand digits out.
    std::string shown() const
    {
        const auto bits = d_value.attr("bit_length")().cast<std::size_t>();
        return bits > 128 ? "a number of " + std::to_string(bits) + " bits"
                          : std::string(py::str(py::handle(d_value)));
    }

    py::int_ d_value;
};

namespace pybind11 {
namespace detail {

//! Takes what pybind11 takes for an integer: an int, or what has __index__, such as numpy's.
template <>
struct type_caster<whole_number> {
    PYBIND11_TYPE_CASTER(whole_number, const_name("int"));

    bool load(handle source, bool)
    {
        PyObject* integer = PyNumber_Index(source.ptr());
        if (integer == nullptr) {
            PyErr_Clear();
            return false;
        }
        value = whole_number(reinterpret_steal<int_>(integer));
        return true;
    }
};

} // namespace detail
} // namespace pybind11

#endif /* INCLUDED_FEWBIT_BINDINGS_WHOLE_NUMBER_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/control_port.h"

#include <stdexcept>

namespace gr {
namespace fewbit {

namespace {

struct wrong_type : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace

void control_port::handle(const pmt::pmt_t& message)
{
    // A dict is a list of pairs, and so is an empty one nil.
    if (!pmt::is_dict(message)) {
        d_refused.count(d_cause, "a message on port control is no dict");
        return;
    }
    const pmt::pmt_t items = pmt::dict_items(message);
    for (std::size_t i = 0; i < pmt::length(items); ++i) {
        const pmt::pmt_t item = pmt::nth(i, items);
        serve(pmt::car(item), pmt::cdr(item));
    }
}

void control_port::serve(const pmt::pmt_t& key, const pmt::pmt_t& value)
{
    const std::string name = pmt::is_symbol(key) ? pmt::symbol_to_string(key) : "";
    const auto found = d_actions.find(name);
    if (found == d_actions.end()) {
        std::string known;
        for (const auto& one : d_actions)
            known += (known.empty() ? "" : ", ") + one.first;
        d_refused.count(d_cause,
                        "a message on port control has the key '" + name +
                            "', expected one of " + known);
        return;
    }
    try {
        found->second(value);
    } catch (const wrong_type& wrong) {
        d_refused.count(
            d_cause, "in a message on port control, " + name + " is no " + wrong.what());
    } catch (const std::exception&) { // NOLINT: the setter has counted and logged it
    }
}

std::vector<float> control_port::floats(const pmt::pmt_t& value)
{
    if (pmt::is_f32vector(value)) {
        std::size_t n;
        const float* first = pmt::f32vector_elements(value, n);
        return std::vector<float>(first, first + n);
    }
    if (pmt::is_f64vector(value)) {
        std::size_t n;
        const double* first = pmt::f64vector_elements(value, n);
        return std::vector<float>(first, first + n);
    }
    throw wrong_type("f32vector");
}

double control_port::number(const pmt::pmt_t& value)
{
    if (pmt::is_uint64(value)) // a number that to_double() throws at
        return static_cast<double>(pmt::to_uint64(value));
    if (pmt::is_real(value) || pmt::is_integer(value))
        return pmt::to_double(value);
    throw wrong_type("number");
}

std::uint64_t control_port::count(const pmt::pmt_t& value)
{
    if (pmt::is_uint64(value))
        return pmt::to_uint64(value);
    if (pmt::is_integer(value) && pmt::to_long(value) >= 0)
        return static_cast<std::uint64_t>(pmt::to_long(value));
    throw wrong_type("integer from 0 up");
}

std::string control_port::text(const pmt::pmt_t& value)
{
    if (!pmt::is_symbol(value))
        throw wrong_type("symbol");
    return pmt::symbol_to_string(value);
}

} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_CONTROL_PORT_H
#define INCLUDED_FEWBIT_BLOCKS_CONTROL_PORT_H

#include "blocks/refusals.h"
#include <pmt/pmt.h>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

/*!
 * \brief What a block does with messages on its port \c control: dicts whose keys are its
 * settings.
 *
 * Every key has an action, which reads the value and calls the block's setter. A message
 * that is no dict, a key that the block does not know and a value of the wrong type are
 * refused and counted here; what a setter refuses, it has counted itself, and it does not
 * keep the other keys from being served. Nothing is ever thrown.
 */
class control_port
{
public:
    using action = std::function<void(const pmt::pmt_t&)>;

    control_port(refusals& refused,
                 std::size_t cause,
                 std::map<std::string, action> actions)
        : d_refused(refused), d_cause(cause), d_actions(std::move(actions))
    {
    }

    void handle(const pmt::pmt_t& message);

    // For actions: the value, or an exception that handle() counts.
    static std::vector<float> floats(const pmt::pmt_t& value); //!< f32 or f64 vector
    static double number(const pmt::pmt_t& value);             //!< real or integer
    static std::uint64_t count(const pmt::pmt_t& value);       //!< integer from 0 up

    static std::string text(const pmt::pmt_t& value); //!< symbol

private:
    void serve(const pmt::pmt_t& key, const pmt::pmt_t& value);

    refusals& d_refused;
    const std::size_t d_cause;
    const std::map<std::string, action> d_actions;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_CONTROL_PORT_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/harq_metadata.h"
#include <exception>

namespace gr {
namespace fewbit {

const harq_keys& harq_keys::get()
{
    static const harq_keys keys;
    return keys;
}

pmt::pmt_t metadata_of(const pmt::pmt_t& message)
{
    return pmt::is_pdu(message) ? pmt::car(message) : message;
}

namespace {

// A message from elsewhere can be anything, and pmt throws at what is not a dict.
pmt::pmt_t look_up(const pmt::pmt_t& dict, const pmt::pmt_t& key)
{
    try {
        return pmt::is_dict(dict) ? pmt::dict_ref(dict, key, pmt::PMT_NIL) : pmt::PMT_NIL;
    } catch (const std::exception&) {
        return pmt::PMT_NIL;
    }
}

} // namespace

bool read_unsigned(const pmt::pmt_t& dict,
                   const pmt::pmt_t& key,
                   std::uint64_t largest,
                   std::uint64_t& value)
{
    const pmt::pmt_t found = look_up(dict, key);
    if (pmt::is_uint64(found))
        value = pmt::to_uint64(found);
    else if (pmt::is_integer(found) && pmt::to_long(found) >= 0)
        value = static_cast<std::uint64_t>(pmt::to_long(found));
    else
        return false;
    return value <= largest;
}

bool read_bool(const pmt::pmt_t& dict, const pmt::pmt_t& key, bool& value)
{
    const pmt::pmt_t found = look_up(dict, key);
    if (!pmt::is_bool(found))
        return false;
    value = pmt::to_bool(found);
    return true;
}

bool read_transmission(const pmt::pmt_t& dict, algorithms::harq_transmission& tx)
{
    const harq_keys& keys = harq_keys::get();
    std::uint64_t user, process, ndi, rv, attempt;
    if (!read_unsigned(dict, keys.user, 0xffffffffu, user) ||
        !read_unsigned(dict, keys.process, 0xffffffffu, process) ||
        !read_unsigned(dict, keys.ndi, 255, ndi) ||
        !read_unsigned(dict, keys.rv, 255, rv) ||
        !read_unsigned(dict, keys.attempt, 255, attempt))
        return false;
    tx.user = static_cast<std::uint32_t>(user);
    tx.process = static_cast<std::uint32_t>(process);
    tx.ndi = static_cast<std::uint8_t>(ndi);
    tx.rv = static_cast<std::uint8_t>(rv);
    tx.attempt = static_cast<std::uint8_t>(attempt);
    return true;
}

pmt::pmt_t to_pmt(const std::map<std::string, std::uint64_t>& counters)
{
    pmt::pmt_t dict = pmt::make_dict();
    for (const auto& [name, count] : counters)
        dict = pmt::dict_add(dict, pmt::mp(name), pmt::from_uint64(count));
    return dict;
}

} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/pdu_gate.h"

namespace gr {
namespace fewbit {

bool pdu_gate::open(const pmt::pmt_t& message,
                    std::size_t length,
                    pdu_view<std::uint8_t>& view)
{
    return open_at_least(message, length, view) && has_length(view.size, length, false);
}

bool pdu_gate::open_at_least(const pmt::pmt_t& message,
                             std::size_t length,
                             pdu_view<std::uint8_t>& view)
{
    if (!is_pdu(message))
        return false;
    const pmt::pmt_t items = pmt::cdr(message);
    if (!pmt::is_u8vector(items))
        return refuse(wrong_type, "got a PDU of another type, expected uint8 bits");
    view.meta = pmt::car(message);
    view.items = pmt::u8vector_elements(items, view.size);
    return has_length(view.size, length, true);
}

bool pdu_gate::open(const pmt::pmt_t& message, std::size_t length, pdu_view<float>& view)
{
    if (!is_pdu(message))
        return false;
    const pmt::pmt_t items = pmt::cdr(message);
    if (!pmt::is_f32vector(items))
        return refuse(wrong_type, "got a PDU of another type, expected float LLRs");
    view.meta = pmt::car(message);
    view.items = pmt::f32vector_elements(items, view.size);
    return has_length(view.size, length, false);
}

bool pdu_gate::open(const pmt::pmt_t& message,
                    std::size_t length,
                    pdu_view<gr_complex>& view)
{
    if (!is_pdu(message))
        return false;
    const pmt::pmt_t items = pmt::cdr(message);
    if (!pmt::is_c32vector(items))
        return refuse(wrong_type, "got a PDU of another type, expected complex numbers");
    view.meta = pmt::car(message);
    view.items = pmt::c32vector_elements(items, view.size);
    return has_length(view.size, length, false);
}

bool pdu_gate::redundancy_version(const pmt::pmt_t& meta, unsigned fallback, unsigned& rv)
{
    static const pmt::pmt_t key = pmt::mp("rv");
    const pmt::pmt_t found = pmt::dict_ref(meta, key, pmt::PMT_NIL);
    rv = fallback;
    if (pmt::is_null(found))
        return true;
    std::uint64_t value = 4;
    if (pmt::is_uint64(found))
        value = pmt::to_uint64(found);
    else if (pmt::is_integer(found) && pmt::to_long(found) >= 0)
        value = static_cast<std::uint64_t>(pmt::to_long(found));
    if (value > 3)
        return refuse(
            bad_rv, "rv is " + pmt::write_string(found) + ", expected an integer 0 to 3");
    rv = static_cast<unsigned>(value);
    return true;
}

std::map<std::string, std::uint64_t> pdu_gate::counters() const
{
    std::map<std::string, std::uint64_t> all{{"passed", d_passed}};
    d_refused.add_to(all);
    return all;
}

bool pdu_gate::is_pdu(const pmt::pmt_t& message)
{
    if (pmt::is_pdu(message))
        return true;
    return refuse(not_a_pdu,
                  "got a message that is not a pair of a dict and a uniform vector");
}

bool pdu_gate::has_length(std::size_t found, std::size_t length, bool at_least)
{
    if (at_least ? found >= length : found == length)
        return true;
    return refuse(wrong_length,
                  "got a PDU of " + std::to_string(found) + " items, expected " +
                      (at_least ? "at least " : "") + std::to_string(length));
}

bool pdu_gate::refuse(cause why, const std::string& sentence)
{
    d_refused.count(why, sentence);
    return false;
}

} // namespace fewbit
} // namespace gr

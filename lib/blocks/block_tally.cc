/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/block_tally.h"
#include <algorithm>
#include <string>

namespace gr {
namespace fewbit {

using algorithms::error_counter;

block_tally::block_tally(unsigned max_attempts,
                         bool compare,
                         std::size_t table_size,
                         double window)
    : d_max_attempts(max_attempts),
      d_compare(compare),
      d_table_size(table_size),
      d_attempts(max_attempts),
      d_recent_ber(window),
      d_recent_first(window),
      d_recent_after_harq(window)
{
}

void block_tally::sent(std::uint64_t id, bits sent_bits)
{
    block& b = find_or_add(id);
    if (b.is_known)
        return;
    b.sent = std::move(sent_bits);
    b.is_known = true;
    std::vector<transmission> waiting;
    waiting.swap(b.waiting);
    for (const transmission& t : waiting)
        judge(b, t);
}

void block_tally::received(std::uint64_t id,
                           unsigned attempt,
                           bits received_bits,
                           bool crc_ok)
{
    block& b = find_or_add(id);
    transmission t{attempt, std::move(received_bits), crc_ok};
    if (b.is_known)
        judge(b, t);
    else if (b.waiting.size() < 32)
        b.waiting.push_back(std::move(t));
    else
        ++d_repeated;
}

void block_tally::counted(std::uint64_t bit_errors, std::uint64_t n_bits)
{
    const bool is_wrong = bit_errors > 0;
    d_attempts[0].add(bit_errors, n_bits, is_wrong);
    d_after_harq.add(bit_errors, n_bits, is_wrong);
    d_recent_first.add(is_wrong);
    d_recent_after_harq.add(is_wrong);
    d_recent_ber.add(static_cast<double>(bit_errors) / static_cast<double>(n_bits));
}

void block_tally::counted(bool is_wrong)
{
    d_attempts[0].add(is_wrong);
    d_after_harq.add(is_wrong);
    d_recent_first.add(is_wrong);
    d_recent_after_harq.add(is_wrong);
    d_right += !is_wrong;
    d_attempts_of_right += !is_wrong;
}

block_tally::block& block_tally::find_or_add(std::uint64_t id)
{
    const auto found = d_blocks.find(id);
    if (found != d_blocks.end())
        return found->second;
    if (d_blocks.size() >= d_table_size)
        forget_oldest();
    d_order.push_back(id);
    ++d_under_way;
    block& b = d_blocks[id];
    b.is_known = !d_compare;
    return b;
}

void block_tally::forget_oldest()
{
    const auto oldest = d_blocks.find(d_order.front());
    d_order.pop_front();
    if (!oldest->second.has_ended) {
        ++d_lost;
        --d_under_way;
        d_after_harq.add(true);
        d_recent_after_harq.add(1.0);
    }
    d_blocks.erase(oldest);
}

void block_tally::judge(block& b, const transmission& t)
{
    const std::uint32_t bit = 1u << t.attempt;
    if (b.attempts & bit) {
        ++d_repeated;
        return;
    }
    b.attempts |= bit;
    if (b.has_ended) {
        ++d_late;
        return;
    }
    const verdict v = compare(b, t);
    if (v.n_bits > 0)
        d_attempts[t.attempt].add(v.bit_errors, v.n_bits, v.is_wrong);
    else
        d_attempts[t.attempt].add(v.is_wrong);
    if (t.attempt == 0)
        d_recent_first.add(v.is_wrong);
    if (!v.is_wrong || t.attempt + 1 == d_max_attempts) {
        if (!v.is_wrong) {
            ++d_right;
            d_attempts_of_right += t.attempt + 1;
        }
        end(b, v);
    }
}

// Bits that are missing or too many are wrong bits.
block_tally::verdict block_tally::compare(const block& b, const transmission& t)
{
    verdict v;
    if (d_compare) {
        const std::size_t common = std::min(b.sent.size(), t.received.size());
        v.n_bits = std::max(b.sent.size(), t.received.size());
        v.bit_errors = v.n_bits - common;
        for (std::size_t i = 0; i < common; ++i)
            v.bit_errors += b.sent[i] != t.received[i];
    }
    if (t.crc_ok && v.bit_errors > 0)
        ++d_undetected;
    v.is_wrong = !t.crc_ok || v.bit_errors > 0;
    return v;
}

void block_tally::end(block& b, const verdict& v)
{
    b.has_ended = true;
    bits().swap(b.sent); // what comes now is late, so the memory may go
    --d_under_way;
    if (v.n_bits > 0) {
        d_after_harq.add(v.bit_errors, v.n_bits, v.is_wrong);
        d_recent_ber.add(static_cast<double>(v.bit_errors) /
                         static_cast<double>(v.n_bits));
    } else
        d_after_harq.add(v.is_wrong);
    d_recent_after_harq.add(v.is_wrong);
}

namespace {

void add_counter(std::map<std::string, double>& named,
                 const std::string& name,
                 const error_counter& counter)
{
    const auto bler = counter.bler(), ber = counter.ber();
    named[name + ".blocks"] = static_cast<double>(counter.blocks());
    named[name + ".block_errors"] = static_cast<double>(counter.block_errors());
    named[name + ".bler"] = bler.rate;
    named[name + ".bler_low"] = bler.low;
    named[name + ".bler_high"] = bler.high;
    named[name + ".bits"] = static_cast<double>(counter.bits());
    named[name + ".bit_errors"] = static_cast<double>(counter.bit_errors());
    named[name + ".ber"] = ber.rate;
    named[name + ".ber_low"] = ber.low;
    named[name + ".ber_high"] = ber.high;
}

} // namespace

std::map<std::string, double> block_tally::report() const
{
    std::map<std::string, double> named;
    add_counter(named, "first", d_attempts[0]);
    add_counter(named, "after_harq", d_after_harq);
    for (std::size_t i = 0; i < d_attempts.size(); ++i)
        add_counter(named, "attempt_" + std::to_string(i), d_attempts[i]);
    named["lost"] = static_cast<double>(d_lost);
    named["undetected"] = static_cast<double>(d_undetected);
    named["repeated"] = static_cast<double>(d_repeated);
    named["late"] = static_cast<double>(d_late);
    named["under_way"] = static_cast<double>(d_under_way);
    named["mean_attempts"] = d_right > 0 ? static_cast<double>(d_attempts_of_right) /
                                               static_cast<double>(d_right)
                                         : 0.0;
    return named;
}

} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/coding/interleaver.h>
#include <gnuradio/fewbit/algorithms/softbits/harq_store.h>
#include "algorithms/softbits/body_arena.h"
#include "algorithms/softbits/codec_set.h"
#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr std::uint64_t max_slots = 1u << 24;

// A body's tag: which of the held codecs wrote it, and the redundancy version whose order
// it is in.
std::uint8_t make_tag(unsigned codec, unsigned rv)
{
    return static_cast<std::uint8_t>(codec << 2 | rv);
}
unsigned tag_codec(std::uint8_t tag) { return tag >> 2; }
unsigned tag_rv(std::uint8_t tag) { return tag & 3; }

std::uint32_t attempt_bit(const harq_transmission& tx) { return 1u << tx.attempt; }

float saturate(float llr)
{
    if (std::isnan(llr))
        return 0.0f;
    return std::clamp(llr, -harq_store::largest_llr, harq_store::largest_llr);
}

std::uint32_t
in_range(const char* name, std::uint64_t value, std::uint64_t low, std::uint64_t high)
{
    if (value < low || value > high)
        throw std::invalid_argument(std::string("harq_store: ") + name + " is " +
                                    std::to_string(value) + "; expected " +
                                    std::to_string(low) + " to " + std::to_string(high));
    return static_cast<std::uint32_t>(value);
}

} // namespace

harq_store::harq_store(std::uint32_t users,
                       std::uint32_t processes,
                       std::size_t n_llrs,
                       std::unique_ptr<softbit_codec> codec,
                       std::size_t budget_bytes,
                       storage_mode storage,
                       std::uint64_t interleaver_seed,
                       unsigned max_transmissions)
    : d_users(in_range("users", users, 1, max_slots - 1)),
      d_processes(in_range("processes", processes, 1, (max_slots - 1) / d_users)),
      d_n_llrs(in_range("n_llrs", n_llrs, 1, body_arena::max_body_bytes / sizeof(float))),
      d_storage(storage),
      d_places_per_slot(
          storage == storage_mode::combined
              ? 1
              : in_range("max_transmissions", max_transmissions, 1, max_attempts)),
      d_interleaver(std::make_unique<interleaver>(n_llrs, interleaver_seed)),
      d_slots(std::size_t{d_users} * d_processes),
      d_codecs(std::make_unique<codec_set>()),
      d_symbols(d_n_llrs),
      d_ordered(d_n_llrs),
      d_sum(d_n_llrs)
{
    if (!codec)
        throw std::invalid_argument("harq_store: the codec is null; expected one of "
                                    "make_softbit_codec()");
    d_arena =
        std::make_unique<body_arena>(budget_bytes, d_slots.size() * d_places_per_slot);
    set_codec(std::move(codec));
}

harq_store::~harq_store() = default;

// --- transmissions, blocks and slots ---

bool harq_store::check(const harq_transmission& tx, harq_outcome& refusal) const
{
    if (tx.user >= d_users)
        refusal = harq_outcome::unknown_user;
    else if (tx.process >= d_processes)
        refusal = harq_outcome::unknown_process;
    else if (tx.rv > 3 || tx.attempt >= max_attempts)
        refusal = harq_outcome::invalid_version;
    else
        return true;
    return false;
}

harq_store::slot& harq_store::slot_of(const harq_transmission& tx)
{
    return d_slots[std::size_t{tx.user} * d_processes + tx.process];
}

const harq_store::slot& harq_store::slot_of(const harq_transmission& tx) const
{
    return d_slots[std::size_t{tx.user} * d_processes + tx.process];
}

std::size_t harq_store::first_place(const slot& s) const
{
    return static_cast<std::size_t>(&s - d_slots.data()) * d_places_per_slot;
}

harq_store::age harq_store::age_of(const harq_transmission& tx, const slot& s)
{
    if (!s.known)
        return age::newer;
    const auto steps_ahead = static_cast<std::uint8_t>(tx.ndi - s.newest_ndi);
    if (steps_ahead == 0)
        return age::same;
    return steps_ahead < 128 ? age::newer : age::older;
}

bool harq_store::is_same_block(const harq_transmission& tx, const slot& s) const
{
    return s.known && s.newest_ndi == tx.ndi;
}

bool harq_store::holds(const harq_transmission& tx) const
{
    return stored_attempts(tx) != 0;
}

std::uint32_t harq_store::stored_attempts(const harq_transmission& tx) const
{
    harq_outcome refusal;
    if (!check(tx, refusal))
        return 0;
    const slot& s = slot_of(tx);
    return is_same_block(tx, s) ? s.attempts : 0;
}

// --- combine ---

harq_combination harq_store::combine(const harq_transmission& tx,
                                     const float* llrs,
                                     std::size_t n,
                                     float* combined)
{
    harq_combination answer;
    if (!check(tx, answer.outcome))
        ;
    else if (n != d_n_llrs)
        answer.outcome = harq_outcome::wrong_length;
    else {
        answer.outcome = look_up(tx, answer);
        if (answer.usable()) {
            const slot& s = slot_of(tx);
            std::fill_n(combined, d_n_llrs, 0.0f);
            const bool adds = answer.outcome == harq_outcome::combined ||
                              answer.outcome == harq_outcome::repeated;
            if (adds && !add_stored(s, combined)) {
                answer.outcome = harq_outcome::restarted;
                answer.attempts = attempt_bit(tx);
            }
            if (answer.outcome != harq_outcome::repeated)
                add_transmission(llrs, tx.rv, combined);
        }
    }
    ++d_counters.combine[static_cast<std::size_t>(answer.outcome)];
    return answer;
}

harq_outcome harq_store::look_up(const harq_transmission& tx,
                                 harq_combination& answer) const
{
    const slot& s = slot_of(tx);
    const age age = age_of(tx, s);
    if (age == age::older) {
        answer.newest_ndi = s.newest_ndi;
        return harq_outcome::stale;
    }
    if (age == age::same && s.acknowledged)
        return harq_outcome::duplicate;
    if (age == age::newer || s.attempts == 0) {
        answer.attempts = attempt_bit(tx);
        return harq_outcome::first;
    }
    answer.attempts = s.attempts | attempt_bit(tx);
    return (s.attempts & attempt_bit(tx)) ? harq_outcome::repeated
                                          : harq_outcome::combined;
}

// Adds all that is stored of a block to a codeword; false when none of it could be
// decoded.
bool harq_store::add_stored(const slot& s, float* codeword)
{
    bool any = false;
    for (unsigned i = 0; i < d_places_per_slot; ++i) {
        const std::size_t place = first_place(s) + i;
        if (!d_arena->holds(place))
            continue;
        const auto body = d_arena->get(place);
        softbit_codec& writer = d_codecs->at(tag_codec(body.tag));
        if (writer.decode(body.data, body.bytes, d_symbols.data(), d_n_llrs)) {
            add_transmission(d_symbols.data(), tag_rv(body.tag), codeword);
            any = true;
        } else
            ++d_counters.undecodable;
    }
    return any;
}

void harq_store::add_transmission(const float* llrs, unsigned rv, float* codeword)
{
    d_interleaver->deinterleave(llrs, d_ordered.data(), rv);
    for (std::size_t i = 0; i < d_n_llrs; ++i)
        codeword[i] = saturate(codeword[i] + saturate(d_ordered[i]));
}

// --- keep ---

harq_outcome harq_store::keep(const harq_transmission& tx,
                              const float* llrs,
                              std::size_t n,
                              const float* combined,
                              const harq_combination& combination)
{
    harq_outcome outcome;
    if (!check(tx, outcome))
        ;
    else if (n != d_n_llrs)
        outcome = harq_outcome::wrong_length;
    else
        outcome = keep_checked(tx, llrs, combined, combination);
    ++d_counters.keep[static_cast<std::size_t>(outcome)];
    return outcome;
}

harq_outcome harq_store::keep_checked(const harq_transmission& tx,
                                      const float* llrs,
                                      const float* combined,
                                      const harq_combination& combination)
{
    slot& s = slot_of(tx);
    const age age = age_of(tx, s);
    if (age == age::older)
        return harq_outcome::stale;
    if (age == age::same && s.acknowledged)
        return harq_outcome::duplicate;
    if (age == age::newer)
        begin_block(s, tx);
    if (s.attempts & attempt_bit(tx))
        return harq_outcome::repeated;
    return d_storage == storage_mode::combined
               ? keep_combined(s, tx, llrs, combined, combination.attempts)
               : keep_transmission(s, tx, llrs);
}

harq_outcome harq_store::keep_combined(slot& s,
                                       const harq_transmission& tx,
                                       const float* llrs,
                                       const float* combined,
                                       std::uint32_t attempts)
{
    std::uint32_t after = s.attempts | attempt_bit(tx);
    const float* sum = combined;
    if (attempts != after) { // another transmission of the block came in between
        std::fill(d_sum.begin(), d_sum.end(), 0.0f);
        if (!add_stored(s, d_sum.data()))
            after = attempt_bit(tx); // nothing of it is left to keep
        add_transmission(llrs, tx.rv, d_sum.data());
        sum = d_sum.data();
    }
    d_interleaver->interleave(sum, d_symbols.data(), 0);
    if (!put(first_place(s), 0, d_symbols.data()))
        return harq_outcome::full;
    s.attempts = after;
    s.bodies = 1;
    return harq_outcome::kept;
}

harq_outcome
harq_store::keep_transmission(slot& s, const harq_transmission& tx, const float* llrs)
{
    if (s.bodies == d_places_per_slot)
        return harq_outcome::too_many;
    std::transform(llrs, llrs + d_n_llrs, d_symbols.begin(), saturate);
    if (!put(first_place(s) + s.bodies, tx.rv, d_symbols.data()))
        return harq_outcome::full;
    s.attempts |= attempt_bit(tx);
    ++s.bodies;
    return harq_outcome::kept;
}

// Encodes LLRs in redundancy version rv's order and lays them down; false when there is
// no room.
bool harq_store::put(std::size_t place, unsigned rv, const float* llrs)
{
    const unsigned writer = d_codecs->writer();
    const std::size_t bytes = d_codecs->at(writer).encode(llrs, d_n_llrs, d_body.data());
    if (!d_arena->fits(place, bytes))
        return false;
    erase(place);
    d_codecs->count_in(writer);
    ++d_counters.stored_bodies;
    d_counters.stored_bytes += body_arena::header_bytes + bytes;
    return d_arena->put(place, make_tag(writer, rv), d_body.data(), bytes);
}

// The transmission's block is the newest of its process: what is left of the one before
// goes.
void harq_store::begin_block(slot& s, const harq_transmission& tx)
{
    if (drop(s))
        ++d_counters.superseded;
    s.known = true;
    s.newest_ndi = tx.ndi;
    s.acknowledged = false;
}

// --- release and forget ---

harq_outcome harq_store::release(const harq_transmission& tx)
{
    harq_outcome outcome;
    if (check(tx, outcome)) {
        slot& s = slot_of(tx);
        const age age = age_of(tx, s);
        if (age == age::older)
            outcome = harq_outcome::stale;
        else if (age == age::same && s.acknowledged)
            outcome = harq_outcome::duplicate;
        else {
            if (age == age::newer)
                begin_block(s, tx);
            drop(s);
            s.acknowledged = true;
            outcome = harq_outcome::released;
        }
    }
    ++d_counters.release[static_cast<std::size_t>(outcome)];
    return outcome;
}

bool harq_store::drop(slot& s)
{
    const bool held = s.attempts != 0;
    for (unsigned i = 0; i < d_places_per_slot; ++i)
        erase(first_place(s) + i);
    s.attempts = 0;
    s.bodies = 0;
    return held;
}

void harq_store::erase(std::size_t place)
{
    if (!d_arena->holds(place))
        return;
    d_codecs->count_out(tag_codec(d_arena->get(place).tag));
    d_arena->erase(place);
}

void harq_store::forget(std::uint32_t user)
{
    if (user >= d_users)
        return;
    for (std::uint32_t p = 0; p < d_processes; ++p) {
        slot& s = d_slots[std::size_t{user} * d_processes + p];
        if (drop(s))
            ++d_counters.forgotten;
        s = slot{};
    }
}

void harq_store::clear()
{
    for (std::uint32_t user = 0; user < d_users; ++user)
        forget(user);
}

// --- codecs ---

void harq_store::check_codec(const softbit_codec& codec) const
{
    const std::size_t symbol = codec.llrs_per_symbol();
    if (symbol == 0 || d_n_llrs % symbol != 0)
        throw std::invalid_argument(
            "harq_store: the codec " + codec.name() + " takes symbols of " +
            std::to_string(symbol) + " LLRs and a block has " + std::to_string(d_n_llrs) +
            "; expected a multiple: choose a codec of the link's modulation");
    if (codec.max_body_bytes(d_n_llrs) > body_arena::max_body_bytes)
        throw std::invalid_argument(
            "harq_store: a body of " + std::to_string(d_n_llrs) + " LLRs by the codec " +
            codec.name() + " can be larger than 16 MiB; expected smaller blocks");
}

void harq_store::set_codec(std::unique_ptr<softbit_codec> codec)
{
    if (!codec)
        throw std::invalid_argument("harq_store: the codec is null; expected one of "
                                    "make_softbit_codec()");
    check_codec(*codec);
    codec->reserve(d_n_llrs);
    d_body.resize(std::max(d_body.size(), codec->max_body_bytes(d_n_llrs)));
    const unsigned index = d_codecs->index_for(*codec);
    if (d_codecs->bodies(index) > 0 && d_codecs->at(index).id() != codec->id())
        evict_codec(index);
    d_codecs->use(std::move(codec));
}

void harq_store::evict_codec(unsigned index)
{
    for (slot& s : d_slots) {
        bool uses = false;
        for (unsigned i = 0; i < d_places_per_slot && !uses; ++i) {
            const std::size_t place = first_place(s) + i;
            uses = d_arena->holds(place) && tag_codec(d_arena->get(place).tag) == index;
        }
        if (uses && drop(s))
            ++d_counters.codec_evicted;
    }
}

const softbit_codec& harq_store::codec() const
{
    return d_codecs->at(d_codecs->writer());
}

// --- memory ---

std::size_t harq_store::budget_bytes() const { return d_arena->budget(); }
std::size_t harq_store::bytes_in_use() const { return d_arena->bytes_in_use(); }
std::size_t harq_store::peak_bytes() const { return d_arena->peak_bytes(); }
std::size_t harq_store::bodies() const { return d_arena->bodies(); }
std::size_t harq_store::body_bytes() const { return d_arena->body_bytes(); }
std::size_t harq_store::record_overhead() { return body_arena::header_bytes; }

std::size_t harq_store::table_bytes() const
{
    return d_slots.size() * (sizeof(slot) + d_places_per_slot * sizeof(std::uint32_t));
}

harq_store::storage_mode harq_storage_mode(const std::string& name)
{
    if (name == "combined")
        return harq_store::storage_mode::combined;
    if (name == "per_transmission")
        return harq_store::storage_mode::per_transmission;
    throw std::invalid_argument("harq_store: the storage is \"" + name +
                                "\"; expected \"combined\" or \"per_transmission\"");
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

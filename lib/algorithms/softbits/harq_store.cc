/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/softbits/harq_store.h>
#include "algorithms/softbits/harq_process.h"
#include "algorithms/softbits/transmission_memory.h"
#include <algorithm>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr std::uint64_t max_processes = 1u << 24;

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
    : d_storage(storage),
      d_places_per_process(
          storage == storage_mode::combined
              ? 1
              : in_range("max_transmissions", max_transmissions, 1, max_attempts)),
      d_sum(in_range("n_llrs", n_llrs, 1, body_arena::max_body_bytes / sizeof(float)))
{
    in_range("users", users, 1, max_processes - 1);
    in_range("processes", processes, 1, (max_processes - 1) / users);
    d_table = std::make_unique<harq_process_table>(users, processes, max_attempts);
    d_memory =
        std::make_unique<transmission_memory>(n_llrs,
                                              budget_bytes,
                                              d_table->size() * d_places_per_process,
                                              interleaver_seed,
                                              largest_llr);
    set_codec(std::move(codec));
}

harq_store::~harq_store() = default;

// --- transmissions, blocks and processes ---

std::uint32_t harq_store::users() const { return d_table->users(); }
std::uint32_t harq_store::processes() const { return d_table->processes(); }

harq_process& harq_store::process_of(const harq_transmission& tx)
{
    return (*d_table)[d_table->index_of(tx)];
}

std::size_t harq_store::first_place(const harq_process& p) const
{
    return static_cast<std::size_t>(&p - &(*d_table)[0]) * d_places_per_process;
}

bool harq_store::holds(const harq_transmission& tx) const
{
    return stored_attempts(tx) != 0;
}

std::uint32_t harq_store::stored_attempts(const harq_transmission& tx) const
{
    harq_outcome refusal;
    if (!d_table->check(tx, refusal))
        return 0;
    const harq_process& p = (*d_table)[d_table->index_of(tx)];
    return p.age_of(tx) == block_age::same ? p.attempts : 0;
}

// --- combine ---

harq_combination harq_store::combine(const harq_transmission& tx,
                                     const float* llrs,
                                     std::size_t n,
                                     float* combined)
{
    harq_combination answer;
    if (!d_table->check(tx, answer.outcome))
        ;
    else if (n != n_llrs())
        answer.outcome = harq_outcome::wrong_length;
    else {
        answer.outcome = look_up(tx, answer);
        if (answer.usable()) {
            const harq_process& p = process_of(tx);
            std::fill_n(combined, n_llrs(), 0.0f);
            const bool adds = answer.outcome == harq_outcome::combined ||
                              answer.outcome == harq_outcome::repeated;
            if (adds && !add_stored(p, combined)) {
                answer.outcome = harq_outcome::restarted;
                answer.attempts = attempt_bit(tx);
            }
            if (answer.outcome != harq_outcome::repeated)
                d_memory->add(llrs, tx.rv, combined);
        }
    }
    ++d_counters.combine[static_cast<std::size_t>(answer.outcome)];
    return answer;
}

harq_outcome harq_store::look_up(const harq_transmission& tx,
                                 harq_combination& answer) const
{
    const harq_process& p = (*d_table)[d_table->index_of(tx)];
    const block_age age = p.age_of(tx);
    if (age == block_age::older) {
        answer.newest_ndi = p.newest_ndi;
        return harq_outcome::stale;
    }
    if (age == block_age::same && p.acknowledged)
        return harq_outcome::duplicate;
    if (age == block_age::newer || p.attempts == 0) {
        answer.attempts = attempt_bit(tx);
        return harq_outcome::first;
    }
    answer.attempts = p.attempts | attempt_bit(tx);
    return (p.attempts & attempt_bit(tx)) ? harq_outcome::repeated
                                          : harq_outcome::combined;
}

// Adds all that is stored of a block to a codeword; false when none of it could be
// decoded.
bool harq_store::add_stored(const harq_process& p, float* codeword)
{
    bool any = false;
    for (unsigned i = 0; i < d_places_per_process; ++i) {
        const std::size_t place = first_place(p) + i;
        if (!d_memory->holds(place))
            continue;
        if (d_memory->add_stored(place, codeword))
            any = true;
        else
            ++d_counters.undecodable;
    }
    return any;
}

// --- keep ---

harq_outcome harq_store::keep(const harq_transmission& tx,
                              const float* llrs,
                              std::size_t n,
                              const float* combined,
                              const harq_combination& combination)
{
    harq_outcome outcome;
    if (!d_table->check(tx, outcome))
        ;
    else if (n != n_llrs())
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
    harq_process& p = process_of(tx);
    const block_age age = p.age_of(tx);
    if (age == block_age::older)
        return harq_outcome::stale;
    if (age == block_age::same && p.acknowledged)
        return harq_outcome::duplicate;
    if (age == block_age::newer)
        begin_block(p, tx);
    if (p.attempts & attempt_bit(tx))
        return harq_outcome::repeated;
    return d_storage == storage_mode::combined
               ? keep_combined(p, tx, llrs, combined, combination.attempts)
               : keep_transmission(p, tx, llrs);
}

harq_outcome harq_store::keep_combined(harq_process& p,
                                       const harq_transmission& tx,
                                       const float* llrs,
                                       const float* combined,
                                       std::uint32_t attempts)
{
    std::uint32_t after = p.attempts | attempt_bit(tx);
    const float* sum = combined;
    if (attempts != after) { // another transmission of the block came in between
        std::fill(d_sum.begin(), d_sum.end(), 0.0f);
        if (!add_stored(p, d_sum.data()))
            after = attempt_bit(tx); // nothing of it is left to keep
        d_memory->add(llrs, tx.rv, d_sum.data());
        sum = d_sum.data();
    }
    if (!count_stored(d_memory->put_codeword(first_place(p), sum)))
        return harq_outcome::full;
    p.attempts = after;
    p.bodies = 1;
    return harq_outcome::kept;
}

harq_outcome harq_store::keep_transmission(harq_process& p,
                                           const harq_transmission& tx,
                                           const float* llrs)
{
    if (p.bodies == d_places_per_process)
        return harq_outcome::too_many;
    if (!count_stored(d_memory->put(first_place(p) + p.bodies, tx.rv, llrs)))
        return harq_outcome::full;
    p.attempts |= attempt_bit(tx);
    ++p.bodies;
    return harq_outcome::kept;
}

// False where nothing was stored.
bool harq_store::count_stored(std::size_t bytes)
{
    d_counters.stored_bodies += bytes > 0;
    d_counters.stored_bytes += bytes;
    return bytes > 0;
}

// The transmission's block is the newest of its process: what is left of the one before
// goes.
void harq_store::begin_block(harq_process& p, const harq_transmission& tx)
{
    if (drop(p))
        ++d_counters.superseded;
    p.known = true;
    p.newest_ndi = tx.ndi;
    p.acknowledged = false;
}

// --- release and forget ---

harq_outcome harq_store::release(const harq_transmission& tx)
{
    harq_outcome outcome;
    if (d_table->check(tx, outcome)) {
        harq_process& p = process_of(tx);
        const block_age age = p.age_of(tx);
        if (age == block_age::older)
            outcome = harq_outcome::stale;
        else if (age == block_age::same && p.acknowledged)
            outcome = harq_outcome::duplicate;
        else {
            if (age == block_age::newer)
                begin_block(p, tx);
            drop(p);
            p.acknowledged = true;
            outcome = harq_outcome::released;
        }
    }
    ++d_counters.release[static_cast<std::size_t>(outcome)];
    return outcome;
}

bool harq_store::drop(harq_process& p)
{
    const bool held = p.attempts != 0;
    for (unsigned i = 0; i < d_places_per_process; ++i)
        d_memory->erase(first_place(p) + i);
    p.attempts = 0;
    p.bodies = 0;
    return held;
}

void harq_store::forget(std::uint32_t user)
{
    if (user >= users())
        return;
    harq_transmission tx;
    tx.user = user;
    for (tx.process = 0; tx.process < processes(); ++tx.process) {
        harq_process& p = process_of(tx);
        if (drop(p))
            ++d_counters.forgotten;
        p = harq_process{};
    }
}

void harq_store::clear()
{
    for (std::uint32_t user = 0; user < users(); ++user)
        forget(user);
}

// --- codecs ---

void harq_store::set_codec(std::unique_ptr<softbit_codec> codec)
{
    if (!codec)
        throw std::invalid_argument("harq_store: the codec is null; expected one of "
                                    "make_softbit_codec()");
    d_memory->use(std::move(codec), [this](unsigned index) { evict_codec(index); });
}

void harq_store::evict_codec(unsigned index)
{
    for (std::size_t i = 0; i < d_table->size(); ++i) {
        harq_process& p = (*d_table)[i];
        bool uses = false;
        for (unsigned body = 0; body < d_places_per_process && !uses; ++body)
            uses = d_memory->is_written_by(first_place(p) + body, index);
        if (uses && drop(p))
            ++d_counters.codec_evicted;
    }
}

const softbit_codec& harq_store::codec() const { return d_memory->codec(); }

// --- memory ---

std::size_t harq_store::budget_bytes() const { return d_memory->arena().budget(); }
std::size_t harq_store::bytes_in_use() const { return d_memory->arena().bytes_in_use(); }
std::size_t harq_store::peak_bytes() const { return d_memory->arena().peak_bytes(); }
std::size_t harq_store::bodies() const { return d_memory->arena().bodies(); }
std::size_t harq_store::body_bytes() const { return d_memory->arena().body_bytes(); }
std::size_t harq_store::record_overhead() { return body_arena::header_bytes; }

std::size_t harq_store::table_bytes() const
{
    return d_table->size() *
           (sizeof(harq_process) + d_places_per_process * sizeof(std::uint32_t));
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

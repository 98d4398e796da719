/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_HARQ_TRANSMISSION_H
#define INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_HARQ_TRANSMISSION_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

//! Which transmission of which block: what the scheduling grant tells a receiver.
struct harq_transmission {
    std::uint32_t user = 0;    //!< 0 .. users - 1
    std::uint32_t process = 0; //!< 0 .. processes - 1; each user has its own
    std::uint8_t ndi = 0; //!< new-data indicator: the process's block number modulo 256
    std::uint8_t rv = 0;  //!< redundancy version, 0 .. 3
    std::uint8_t attempt = 0; //!< 0 = first transmission, .. 31
};

//! What became of a call; outcome_name() gives the text that goes into feedback and
//! counters.
enum class harq_outcome : std::uint8_t {
    // combine(): the LLRs can be decoded
    first,     //!< nothing is stored of this block: the transmission stands alone
    combined,  //!< the stored LLRs and this transmission's, added
    repeated,  //!< this very attempt is in the store already: the stored sum, nothing
               //!< added
    restarted, //!< something was stored but does not decode: the transmission stands
               //!< alone
    // keep() and release()
    kept, //!< the store now holds this transmission
    full, //!< no room in the budget: what was stored of the block before is still stored
    too_many, //!< the block's max_transmissions are stored already: this one is not added
    released, //!< the block is acknowledged and its memory free
    // all three: nothing is done
    duplicate, //!< the block has been acknowledged already: answer ACK, do not decode
    stale,     //!< a newer block of the process is known: the transmission came too late
    wrong_length,    //!< not n_llrs LLRs
    unknown_user,    //!< user >= users
    unknown_process, //!< process >= processes
    invalid_version  //!< rv > 3 or attempt > 31
};
constexpr std::size_t n_harq_outcomes = 14;

//! The outcome's name: its identifier, such as "too_many".
FEWBIT_ALGORITHMS_API const char* outcome_name(harq_outcome outcome);

//! The answer to combine().
struct harq_combination {
    harq_outcome outcome = harq_outcome::first;
    //! The attempts that the combined LLRs are the sum of, bit a for attempt a; 0: none.
    std::uint32_t attempts = 0;
    //! Where \c outcome is stale: the newest new-data indicator known of the process.
    std::uint8_t newest_ndi = 0;

    //! Whether the combined LLRs were written.
    bool usable() const { return attempts != 0; }
};

/*!
 * \brief Every call's outcomes since construction, and what became of stored blocks.
 *
 * The sum over \c combine is the number of combine() calls; \c keep and \c release alike.
 */
struct harq_counters {
    std::array<std::uint64_t, n_harq_outcomes> combine{};
    std::array<std::uint64_t, n_harq_outcomes> keep{};
    std::array<std::uint64_t, n_harq_outcomes> release{};
    std::uint64_t stored_bodies = 0; //!< bodies laid down, ever
    std::uint64_t stored_bytes = 0;  //!< their bytes, with the records' overhead
    std::uint64_t superseded = 0;    //!< stored blocks given up for a newer one
    std::uint64_t undecodable = 0;   //!< stored bodies that their codec could not decode
    std::uint64_t codec_evicted = 0; //!< stored blocks lost with a codec one too many
    std::uint64_t forgotten = 0;     //!< stored blocks dropped by forget() and clear()
};

//! The counters under names such as "combine.first" and "superseded".
FEWBIT_ALGORITHMS_API std::map<std::string, std::uint64_t>
by_name(const harq_counters& counters);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_HARQ_TRANSMISSION_H */

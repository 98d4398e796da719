/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_HARQ_PROCESS_H
#define INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_HARQ_PROCESS_H

#include <gnuradio/fewbit/algorithms/softbits/harq_transmission.h>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! Of a transmission's block, compared with the newest that its process has heard of.
enum class block_age { older, same, newer };

inline std::uint32_t attempt_bit(const harq_transmission& tx) { return 1u << tx.attempt; }

//! What a receiver knows of a stop-and-wait process.
struct harq_process {
    std::uint32_t attempts = 0; //!< stored ones, bit a for attempt a
    std::uint8_t newest_ndi = 0;
    bool known = false;        //!< newest_ndi means something
    bool acknowledged = false; //!< block newest_ndi has passed its CRC
    std::uint8_t bodies = 0;

    //! By serial arithmetic: of two, the one at most 127 steps ahead is the newer.
    block_age age_of(const harq_transmission& tx) const
    {
        if (!known)
            return block_age::newer;
        const auto steps_ahead = static_cast<std::uint8_t>(tx.ndi - newest_ndi);
        if (steps_ahead == 0)
            return block_age::same;
        return steps_ahead < 128 ? block_age::newer : block_age::older;
    }
};

//! The processes of all users.
class harq_process_table
{
public:
    //! \p attempts: how many may be told apart, numbered from 0
    harq_process_table(std::uint32_t users, std::uint32_t processes, unsigned attempts)
        : d_users(users),
          d_processes(processes),
          d_attempts(attempts),
          d_table(std::size_t{users} * processes)
    {
    }

    std::uint32_t users() const { return d_users; }
    std::uint32_t processes() const { return d_processes; }
    std::size_t size() const { return d_table.size(); }

    //! Whether a transmission names a process, a version and an attempt that exist.
    bool check(const harq_transmission& tx, harq_outcome& refusal) const
    {
        if (tx.user >= d_users)
            refusal = harq_outcome::unknown_user;
        else if (tx.process >= d_processes)
            refusal = harq_outcome::unknown_process;
        else if (tx.rv > 3 || tx.attempt >= d_attempts)
            refusal = harq_outcome::invalid_version;
        else
            return true;
        return false;
    }

    //! The place in the table of a transmission that check() has passed.
    std::size_t index_of(const harq_transmission& tx) const
    {
        return std::size_t{tx.user} * d_processes + tx.process;
    }

    harq_process& operator[](std::size_t index) { return d_table[index]; }
    const harq_process& operator[](std::size_t index) const { return d_table[index]; }

private:
    const std::uint32_t d_users;
    const std::uint32_t d_processes;
    const unsigned d_attempts;
    std::vector<harq_process> d_table;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_HARQ_PROCESS_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/softbits/harq_transmission.h>

namespace gr {
namespace fewbit {
namespace algorithms {

const char* outcome_name(harq_outcome outcome)
{
    static constexpr const char* names[n_harq_outcomes] = {"first",
                                                           "combined",
                                                           "repeated",
                                                           "restarted",
                                                           "kept",
                                                           "full",
                                                           "too_many",
                                                           "released",
                                                           "duplicate",
                                                           "stale",
                                                           "wrong_length",
                                                           "unknown_user",
                                                           "unknown_process",
                                                           "invalid_version"};
    return names[static_cast<std::size_t>(outcome)];
}

std::map<std::string, std::uint64_t> by_name(const harq_counters& counters)
{
    std::map<std::string, std::uint64_t> named{{"stored_bodies", counters.stored_bodies},
                                               {"stored_bytes", counters.stored_bytes},
                                               {"superseded", counters.superseded},
                                               {"undecodable", counters.undecodable},
                                               {"codec_evicted", counters.codec_evicted},
                                               {"forgotten", counters.forgotten}};
    for (std::size_t i = 0; i < n_harq_outcomes; ++i) {
        const std::string name = outcome_name(static_cast<harq_outcome>(i));
        named["combine." + name] = counters.combine[i];
        named["keep." + name] = counters.keep[i];
        named["release." + name] = counters.release[i];
    }
    return named;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

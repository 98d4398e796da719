/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_REFUSALS_H
#define INCLUDED_FEWBIT_BLOCKS_REFUSALS_H

#include <gnuradio/logger.h>
#include <pmt/pmt.h>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

/*!
 * \brief Counts what a block refuses, by cause, and logs the first of each cause.
 *
 * A sender that always errs then shows in the counters and does not flood the log.
 */
class refusals
{
public:
    refusals(const gr::logger_ptr& logger, const std::vector<std::string>& causes)
        : d_logger(logger), d_causes(causes), d_counts(causes.size())
    {
    }

    const std::string& name(std::size_t cause) const { return d_causes[cause]; }

    void count(std::size_t cause, const std::string& sentence)
    {
        if (d_counts[cause]++ == 0)
            d_logger->warn("{} ({}); it is dropped, and further ones of this cause are "
                           "counted silently",
                           sentence,
                           d_causes[cause]);
    }

    void add_to(std::map<std::string, std::uint64_t>& counters) const
    {
        for (std::size_t i = 0; i < d_causes.size(); i++)
            counters[d_causes[i]] = d_counts[i];
    }

private:
    gr::logger_ptr d_logger;
    const std::vector<std::string> d_causes;
    std::vector<std::atomic<std::uint64_t>> d_counts;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_REFUSALS_H */

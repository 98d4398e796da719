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
#include <exception>
#include <map>
#include <string>
#include <type_traits>
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
    //! \param block the block's name, where guard() or sentence_of() are used
    refusals(const gr::logger_ptr& logger,
             const std::vector<std::string>& causes,
             const std::string& block = "")
        : d_logger(logger),
          d_causes(causes),
          d_counts(causes.size()),
          d_prefix(block + ": ")
    {
    }

    const std::string& name(std::size_t cause) const { return d_causes[cause]; }

    void count(std::size_t cause, const std::string& sentence)
    {
        count(cause, [&sentence] { return sentence; });
    }

    //! The same where the sentence is only made if it is needed: for work().
    template <typename Sentence,
              typename = std::enable_if_t<std::is_invocable_v<Sentence>>>
    void count(std::size_t cause, Sentence sentence)
    {
        if (d_counts[cause]++ == 0)
            d_logger->warn("{} ({}); it is dropped, and further ones of this cause are "
                           "counted silently",
                           std::string(sentence()),
                           d_causes[cause]);
    }

    //! Count where the sentence is told by other means.
    void count_silently(std::size_t cause) { ++d_counts[cause]; }

    //! Do what may throw: what it throws is counted as \p cause and goes on to the caller.
    template <typename Action>
    void guard(std::size_t cause, Action action)
    {
        try {
            action();
        } catch (const std::exception& refused) {
            count(cause, sentence_of(refused));
            throw;
        }
    }

    //! What was thrown, for the log, which already names the block in each line: without
    //! the block's name that the sentences of its exceptions begin with.
    std::string sentence_of(const std::exception& thrown) const
    {
        const std::string sentence = thrown.what();
        const bool named = sentence.compare(0, d_prefix.size(), d_prefix) == 0;
        return named ? sentence.substr(d_prefix.size()) : sentence;
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
    const std::string d_prefix;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_REFUSALS_H */

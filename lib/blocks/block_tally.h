/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_BLOCK_TALLY_H
#define INCLUDED_FEWBIT_BLOCKS_BLOCK_TALLY_H

#include <gnuradio/fewbit/algorithms/coding/error_counter.h>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace gr {
namespace fewbit {

//! An average that follows a changing rate: exact for the first window values, then
//! forgetting.
class running_rate
{
public:
    explicit running_rate(double window) : d_window(window) {}
    void add(double value)
    {
        d_weight = d_weight < d_window ? d_weight + 1.0 : d_window;
        d_rate += (value - d_rate) / d_weight;
    }
    double rate() const { return d_rate; }

private:
    double d_window, d_weight = 0.0, d_rate = 0.0;
};

/*!
 * \brief What became of a HARQ link's blocks, transmission by transmission and in the
 * end.
 *
 * Blocks are known by a number; the last table_size of them are remembered. A
 * transmission may arrive before the block's sent bits do (two ports of a block are not
 * served in order of arrival): it then waits for them.
 */
class block_tally
{
public:
    using bits = std::vector<std::uint8_t>;

    block_tally(unsigned max_attempts,
                bool compare,
                std::size_t table_size,
                double window);

    void sent(std::uint64_t id, bits sent_bits);
    void received(std::uint64_t id, unsigned attempt, bits received_bits, bool crc_ok);
    //! A block of a link without HARQ and without numbers.
    void counted(std::uint64_t bit_errors, std::uint64_t n_bits);
    //! The same of its CRC's verdict alone: its one transmission is its last.
    void counted(bool is_wrong);

    const algorithms::error_counter& after_harq() const { return d_after_harq; }
    std::map<std::string, double> report() const;
    const running_rate& recent_ber() const { return d_recent_ber; }
    const running_rate& recent_first() const { return d_recent_first; }
    const running_rate& recent_after_harq() const { return d_recent_after_harq; }

private:
    struct transmission {
        unsigned attempt;
        bits received;
        bool crc_ok;
    };
    struct block {
        bits sent;
        bool is_known = false; //!< the sent bits are here (or nothing is to be compared)
        bool has_ended = false;
        std::uint32_t attempts = 0;        //!< seen, bit a for attempt a
        std::vector<transmission> waiting; //!< for the sent bits
    };
    struct verdict {
        std::uint64_t bit_errors = 0, n_bits = 0;
        bool is_wrong = false;
    };

    block& find_or_add(std::uint64_t id);
    void forget_oldest();
    void judge(block& b, const transmission& t);
    verdict compare(const block& b, const transmission& t);
    void end(block& b, const verdict& v);

    unsigned d_max_attempts;
    bool d_compare;
    std::size_t d_table_size;
    std::unordered_map<std::uint64_t, block> d_blocks;
    std::deque<std::uint64_t> d_order; //!< the blocks' numbers as they came

    std::vector<algorithms::error_counter> d_attempts;
    algorithms::error_counter d_after_harq;
    running_rate d_recent_ber, d_recent_first, d_recent_after_harq;
    std::uint64_t d_lost = 0, d_undetected = 0, d_repeated = 0, d_late = 0;
    std::uint64_t d_under_way = 0;
    std::uint64_t d_right = 0, d_attempts_of_right = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_BLOCK_TALLY_H */

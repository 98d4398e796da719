/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_PENDING_TRANSMISSIONS_H
#define INCLUDED_FEWBIT_BLOCKS_PENDING_TRANSMISSIONS_H

#include <gnuradio/fewbit/algorithms/softbits/harq_transmission.h>
#include <pmt/pmt.h>
#include <cstdint>
#include <list>
#include <unordered_map>

namespace gr {
namespace fewbit {

//! A transmission that is being decoded: all that keeping it needs, if it fails.
struct pending_transmission {
    algorithms::harq_transmission tx;
    algorithms::harq_combination combination;
    pmt::pmt_t metadata;
    pmt::pmt_t received; //!< the LLRs as they came, demapper order
    pmt::pmt_t combined; //!< the LLRs that are being decoded, codeword order
};

/*!
 * \brief The transmissions that wait for their verdict, in order of arrival.
 */
class pending_transmissions
{
public:
    std::size_t size() const { return d_index.size(); }

    bool contains(const algorithms::harq_transmission& tx) const
    {
        return d_index.count(key_of(tx)) > 0;
    }

    void add(pending_transmission transmission)
    {
        const key k = key_of(transmission.tx);
        d_index[k] = d_order.insert(d_order.end(), std::move(transmission));
    }

    //! Take one out; false when it is not there.
    bool take(const algorithms::harq_transmission& tx, pending_transmission& taken)
    {
        const auto found = d_index.find(key_of(tx));
        if (found == d_index.end())
            return false;
        taken = std::move(*found->second);
        d_order.erase(found->second);
        d_index.erase(found);
        return true;
    }

    //! Take out the one that has waited longest; there must be one.
    pending_transmission take_oldest()
    {
        pending_transmission taken;
        take(d_order.front().tx, taken);
        return taken;
    }

private:
    using key = std::uint64_t;

    // users x processes is below 2^24, so user and process are too; they share 48 bits.
    static key key_of(const algorithms::harq_transmission& tx)
    {
        return key{tx.user} << 40 | key{tx.process} << 16 | key{tx.ndi} << 8 | tx.attempt;
    }

    std::list<pending_transmission> d_order;
    std::unordered_map<key, std::list<pending_transmission>::iterator> d_index;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_PENDING_TRANSMISSIONS_H */

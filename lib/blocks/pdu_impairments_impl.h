/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_PDU_IMPAIRMENTS_IMPL_H
#define INCLUDED_FEWBIT_PDU_IMPAIRMENTS_IMPL_H

#include <gnuradio/fewbit/pdu_impairments.h>
#include <mutex>

namespace gr {
namespace fewbit {

class pdu_impairments_impl : public pdu_impairments
{
public:
    pdu_impairments_impl(double drop,
                         double duplicate,
                         double reorder,
                         double corrupt,
                         double truncate,
                         std::uint64_t seed);

    void set_drop(double probability) override { set(d_drop, probability, "drop"); }
    void set_duplicate(double probability) override
    {
        set(d_duplicate, probability, "duplicate");
    }
    void set_reorder(double probability) override
    {
        set(d_reorder, probability, "reorder");
    }
    void set_corrupt(double probability) override
    {
        set(d_corrupt, probability, "corrupt");
    }
    void set_truncate(double probability) override
    {
        set(d_truncate, probability, "truncate");
    }
    std::map<std::string, std::uint64_t> counters() const override;

private:
    void set(double& member, double probability, const char* name);
    void handle(const pmt::pmt_t& message);
    bool happens(double probability);
    std::size_t pick(std::size_t n);
    void send(const pmt::pmt_t& message);
    pmt::pmt_t corrupted(const pmt::pmt_t& message);
    pmt::pmt_t truncated(const pmt::pmt_t& message);

    const pmt::pmt_t d_in_port = pmt::mp("in");
    const pmt::pmt_t d_out_port = pmt::mp("out");

    mutable std::mutex d_mutex; //!< guards all that follows
    double d_drop = 0, d_duplicate = 0, d_reorder = 0, d_corrupt = 0, d_truncate = 0;
    std::uint64_t d_random[2];
    pmt::pmt_t d_waiting; //!< null: none

    std::uint64_t d_n_in = 0;
    std::uint64_t d_n_out = 0;
    std::uint64_t d_n_dropped = 0;
    std::uint64_t d_n_duplicated = 0;
    std::uint64_t d_n_reordered = 0;
    std::uint64_t d_n_corrupted = 0;
    std::uint64_t d_n_truncated = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_PDU_IMPAIRMENTS_IMPL_H */

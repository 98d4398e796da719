/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_INTERLEAVER_IMPL_H
#define INCLUDED_FEWBIT_INTERLEAVER_IMPL_H

#include "blocks/pdu_gate.h"
#include <gnuradio/fewbit/algorithms/coding/interleaver.h>
#include <gnuradio/fewbit/interleaver.h>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

class interleaver_impl : public interleaver
{
public:
    interleaver_impl(std::size_t n, std::uint64_t seed);

    std::map<std::string, std::uint64_t> counters() const override;

private:
    void handle(const pmt::pmt_t& message);
    void publish(const pmt::pmt_t& meta, const pmt::pmt_t& items);

    const pmt::pmt_t d_port = pmt::mp("pdus");
    pdu_gate d_gate;
    const algorithms::interleaver d_interleaver;
    std::vector<std::uint8_t> d_bits;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_INTERLEAVER_IMPL_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_CRC_APPEND_IMPL_H
#define INCLUDED_FEWBIT_CRC_APPEND_IMPL_H

#include "blocks/pdu_gate.h"
#include <gnuradio/fewbit/algorithms/coding/crc.h>
#include <gnuradio/fewbit/crc_append.h>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

class crc_append_impl : public crc_append
{
public:
    explicit crc_append_impl(const std::string& crc);

    std::map<std::string, std::uint64_t> counters() const override;

private:
    void handle(const pmt::pmt_t& message);
    void publish(const pmt::pmt_t& meta, const pmt::pmt_t& items);

    const pmt::pmt_t d_port = pmt::mp("pdus");
    pdu_gate d_gate;
    const algorithms::crc d_crc;
    std::vector<std::uint8_t> d_word;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_CRC_APPEND_IMPL_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_CRC_CHECK_IMPL_H
#define INCLUDED_FEWBIT_CRC_CHECK_IMPL_H

#include "blocks/pdu_gate.h"
#include <gnuradio/fewbit/algorithms/coding/crc.h>
#include <gnuradio/fewbit/crc_check.h>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>

namespace gr {
namespace fewbit {

class crc_check_impl : public crc_check
{
public:
    crc_check_impl(const std::string& crc, bool drop_failed);

    void set_drop_failed(bool drop_failed) override { d_drop_failed = drop_failed; }
    bool drop_failed() const override { return d_drop_failed; }
    std::map<std::string, std::uint64_t> counters() const override;

private:
    void handle(const pmt::pmt_t& message);

    const pmt::pmt_t d_port = pmt::mp("pdus");
    pdu_gate d_gate;
    const algorithms::crc d_crc;
    std::atomic<bool> d_drop_failed;
    std::atomic<std::uint64_t> d_failed{0};
    const pmt::pmt_t d_crc_ok = pmt::mp("crc_ok");
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_CRC_CHECK_IMPL_H */

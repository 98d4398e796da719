/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_LDPC_ENCODER_IMPL_H
#define INCLUDED_FEWBIT_LDPC_ENCODER_IMPL_H

#include "blocks/pdu_gate.h"
#include <gnuradio/fewbit/algorithms/coding/ldpc_encoder.h>
#include <gnuradio/fewbit/ldpc_encoder.h>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

class ldpc_encoder_impl : public ldpc_encoder
{
public:
    explicit ldpc_encoder_impl(const std::string& code);

    std::size_t information_bits() const override
    {
        return d_encoder.code().information_bits();
    }
    std::size_t codeword_bits() const override
    {
        return d_encoder.code().codeword_bits();
    }
    std::map<std::string, std::uint64_t> counters() const override;

private:
    void handle(const pmt::pmt_t& message);
    void publish(const pmt::pmt_t& meta, const pmt::pmt_t& items);

    const pmt::pmt_t d_port = pmt::mp("pdus");
    pdu_gate d_gate;
    const algorithms::ldpc_encoder d_encoder;
    std::vector<std::uint8_t> d_codeword;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_LDPC_ENCODER_IMPL_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_LDPC_DECODER_IMPL_H
#define INCLUDED_FEWBIT_LDPC_DECODER_IMPL_H

#include "blocks/pdu_gate.h"
#include <gnuradio/fewbit/algorithms/coding/ldpc_decoder.h>
#include <gnuradio/fewbit/ldpc_decoder.h>
#include <gnuradio/thread/thread.h>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

class ldpc_decoder_impl : public ldpc_decoder
{
public:
    ldpc_decoder_impl(const std::string& code,
                      const std::string& algorithm,
                      unsigned max_iterations);

    void set_max_iterations(unsigned max_iterations) override;
    unsigned max_iterations() const override;
    std::size_t information_bits() const override
    {
        return d_decoder.code().information_bits();
    }
    std::size_t codeword_bits() const override
    {
        return d_decoder.code().codeword_bits();
    }
    std::map<std::string, std::uint64_t> counters() const override;

private:
    void handle(const pmt::pmt_t& message);
    void publish(const pmt::pmt_t& meta, const pmt::pmt_t& items);

    const pmt::pmt_t d_port = pmt::mp("pdus");
    pdu_gate d_gate;
    algorithms::ldpc_decoder d_decoder;
    std::vector<std::uint8_t> d_bits;
    std::atomic<std::uint64_t> d_not_converged{0};
    const pmt::pmt_t d_iterations = pmt::mp("ldpc_iterations");
    const pmt::pmt_t d_converged = pmt::mp("ldpc_converged");
    mutable gr::thread::mutex d_decoder_mutex; // decode() and the setter
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_LDPC_DECODER_IMPL_H */

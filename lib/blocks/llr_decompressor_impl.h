/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_LLR_DECOMPRESSOR_IMPL_H
#define INCLUDED_FEWBIT_LLR_DECOMPRESSOR_IMPL_H

#include "blocks/refusals.h"
#include <gnuradio/fewbit/algorithms/softbits/codec.h>
#include <gnuradio/fewbit/llr_decompressor.h>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace gr {
namespace fewbit {

class llr_decompressor_impl : public llr_decompressor
{
public:
    llr_decompressor_impl(const std::string& codec, unsigned max_llrs);

    void set_codec(const std::string& codec) override;
    std::string codec() const override;
    std::map<std::string, std::uint64_t> counters() const override;

private:
    void handle(const pmt::pmt_t& message);
    pmt::pmt_t
    decompress(const std::uint8_t* container, std::size_t bytes, std::size_t& cause);
    void
    refuse(std::size_t cause, const std::string& sentence, const pmt::pmt_t& message);

    const pmt::pmt_t d_port = pmt::mp("pdus");
    const pmt::pmt_t d_refused_port = pmt::mp("refused");
    const pmt::pmt_t d_reason_key = pmt::mp("reason");
    const unsigned d_max_llrs;
    refusals d_refused;
    std::atomic<std::uint64_t> d_passed{0};

    mutable std::mutex d_mutex; // of the codec
    std::unique_ptr<algorithms::softbit_codec> d_codec;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_LLR_DECOMPRESSOR_IMPL_H */

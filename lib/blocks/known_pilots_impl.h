/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KNOWN_PILOTS_IMPL_H
#define INCLUDED_FEWBIT_KNOWN_PILOTS_IMPL_H

#include <gnuradio/fewbit/known_pilots.h>
#include <atomic>

namespace gr {
namespace fewbit {

class known_pilots_impl : public known_pilots
{
public:
    known_pilots_impl(int item_bytes,
                      const std::vector<std::uint64_t>& positions,
                      std::vector<pmt::pmt_t> values,
                      std::uint64_t period);

    std::uint64_t n_tagged() const override { return d_n_tagged; }

    bool start() override;
    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    const std::vector<std::uint64_t> d_positions;
    const std::vector<pmt::pmt_t> d_values;
    const std::uint64_t d_period;
    std::uint64_t d_begin = 0; // item of the stream at which the current period began
    std::size_t d_next = 0;    // pilot of the period
    std::atomic<std::uint64_t> d_n_tagged{0};
    const pmt::pmt_t d_key = pmt::mp("pilot");
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KNOWN_PILOTS_IMPL_H */

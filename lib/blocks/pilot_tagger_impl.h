/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_PILOT_TAGGER_IMPL_H
#define INCLUDED_FEWBIT_PILOT_TAGGER_IMPL_H

#include "blocks/frame_item.h"
#include <gnuradio/fewbit/pilot_tagger.h>
#include <atomic>

namespace gr {
namespace fewbit {

class pilot_tagger_impl : public pilot_tagger
{
public:
    pilot_tagger_impl(frame_item type,
                      std::size_t vlen,
                      std::uint64_t n_pilots,
                      std::uint64_t period);

    void set_pattern(std::uint64_t n_pilots, std::uint64_t period) override;
    void restart() override;
    std::uint64_t n_tagged() const override { return d_n_tagged; }

    bool start() override;
    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    pmt::pmt_t value_of(const void* item) const;

    const frame_item d_type;
    const std::size_t d_vlen;
    std::uint64_t d_n_pilots;
    std::uint64_t d_period;
    std::uint64_t d_position = 0; // within the period; of the one run, at most n_pilots
    std::atomic<std::uint64_t> d_n_tagged{0};
    const pmt::pmt_t d_key = pmt::mp("pilot");
    const pmt::pmt_t d_restart_port = pmt::mp("restart");
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_PILOT_TAGGER_IMPL_H */

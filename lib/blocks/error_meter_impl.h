/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ERROR_METER_IMPL_H
#define INCLUDED_FEWBIT_ERROR_METER_IMPL_H

#include <gnuradio/fewbit/error_meter.h>
#include "blocks/block_tally.h"
#include "blocks/plot_stream.h"
#include <mutex>

namespace gr {
namespace fewbit {

class error_meter_impl : public error_meter
{
public:
    error_meter_impl(unsigned max_attempts,
                     bool compare,
                     const algorithms::stop_rule& rule,
                     unsigned report_every,
                     unsigned table_size,
                     unsigned block_bits,
                     unsigned window,
                     double stream_rate);

    void reset() override;
    bool is_done() const override;
    std::map<std::string, double> report() const override;

    bool start() override;
    bool check_topology(int ninputs, int noutputs) override;
    void forecast(int noutput_items, gr_vector_int& ninput_items_required) override;
    int general_work(int noutput_items,
                     gr_vector_int& ninput_items,
                     gr_vector_const_void_star& input_items,
                     gr_vector_void_star& output_items) override;

private:
    void handle_sent(const pmt::pmt_t& message);
    void handle_received(const pmt::pmt_t& message);
    int count_streams(const std::uint8_t* a, const std::uint8_t* b, int items);
    void after_counting();
    void publish_report();
    void count_beyond(std::uint64_t attempt);
    void refuse(const char* port, const char* expected);
    std::map<std::string, double> current_report() const;

    const pmt::pmt_t d_sent_port = pmt::mp("sent");
    const pmt::pmt_t d_received_port = pmt::mp("received");
    const pmt::pmt_t d_reset_port = pmt::mp("reset");
    const pmt::pmt_t d_report_port = pmt::mp("report");
    const pmt::pmt_t d_done_port = pmt::mp("done");

    const unsigned d_max_attempts;
    const bool d_compare;
    const algorithms::stop_rule d_rule;
    const unsigned d_report_every;
    const unsigned d_table_size;
    const unsigned d_block_bits;
    const unsigned d_window;
    plot_stream d_stream;

    mutable std::mutex d_mutex; //!< guards all that follows
    block_tally d_tally;
    std::uint64_t d_reported_blocks = 0; //!< when the last report went out
    std::uint64_t d_malformed = 0;
    std::uint64_t d_beyond = 0;            //!< attempts numbered max_attempts and more
    unsigned d_bits = 0, d_bit_errors = 0; //!< of the block that the streams are in
    bool d_done = false;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ERROR_METER_IMPL_H */

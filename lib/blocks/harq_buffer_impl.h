/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_HARQ_BUFFER_IMPL_H
#define INCLUDED_FEWBIT_HARQ_BUFFER_IMPL_H

#include <gnuradio/fewbit/algorithms/softbits/harq_store.h>
#include <gnuradio/fewbit/harq_buffer.h>
#include "blocks/pending_transmissions.h"
#include "blocks/plot_stream.h"
#include "blocks/refusals.h"
#include <array>
#include <mutex>
#include <vector>

namespace gr {
namespace fewbit {

class harq_buffer_impl : public harq_buffer
{
public:
    harq_buffer_impl(unsigned users,
                     unsigned processes,
                     unsigned n_llrs,
                     const std::string& codec,
                     std::uint64_t budget_bytes,
                     const std::string& storage,
                     std::uint64_t interleaver_seed,
                     unsigned max_transmissions,
                     unsigned max_pending,
                     unsigned stats_every,
                     double stream_rate);

    void set_codec(const std::string& codec) override;
    std::string codec() const override;
    void forget(unsigned user) override;
    std::map<std::string, std::uint64_t> counters() const override;
    std::uint64_t bytes_in_use() const override;
    std::uint64_t peak_bytes() const override;
    double bits_per_llr() const override;

    bool start() override;
    int general_work(int noutput_items,
                     gr_vector_int& ninput_items,
                     gr_vector_const_void_star& input_items,
                     gr_vector_void_star& output_items) override;

private:
    enum cause { malformed, malformed_verdicts }; //!< messages that cannot be read

    //! The last few delivered blocks of a process: an older block may pass its CRC twice.
    struct delivered_blocks {
        std::array<std::uint8_t, 8> ndi{};
        std::uint8_t count = 0; //!< entries in use
        std::uint8_t next = 0;
        bool contains(std::uint8_t wanted) const;
        void add(std::uint8_t delivered);
    };

    void handle_llrs(const pmt::pmt_t& message);
    void handle_decoded(const pmt::pmt_t& message);
    void begin_decoding(pending_transmission transmission);
    void block_passed(const algorithms::harq_transmission& tx, const pmt::pmt_t& message);
    void block_failed(const pending_transmission& failed, const char* reason);
    void send_feedback(const algorithms::harq_transmission& tx,
                       const pmt::pmt_t& metadata,
                       bool ack,
                       const char* outcome,
                       const algorithms::harq_combination* stale = nullptr);
    void publish_stats();
    void refuse(cause why, const std::string& port);
    bool is_addressed(const algorithms::harq_transmission& tx) const;
    delivered_blocks& delivered_of(const algorithms::harq_transmission& tx);
    double current_bits_per_llr() const;
    std::map<std::string, std::uint64_t> current_counters() const;

    const pmt::pmt_t d_llrs_port = pmt::mp("llrs");
    const pmt::pmt_t d_decoded_port = pmt::mp("decoded");
    const pmt::pmt_t d_combined_port = pmt::mp("combined");
    const pmt::pmt_t d_feedback_port = pmt::mp("feedback");
    const pmt::pmt_t d_delivered_port = pmt::mp("delivered");
    const pmt::pmt_t d_stats_port = pmt::mp("stats");

    mutable std::mutex d_mutex; //!< guards all that follows
    algorithms::harq_store d_store;
    pending_transmissions d_pending;
    const std::size_t d_max_pending;
    const unsigned d_stats_every;
    refusals d_refused;
    plot_stream d_stream;
    std::vector<delivered_blocks> d_delivered_blocks;
    double d_last_bits_per_llr = 0.0;

    std::uint64_t d_llrs = 0;        //!< messages on port llrs
    std::uint64_t d_in_decoding = 0; //!< of them, copies of a transmission in decoding
    std::uint64_t d_verdicts = 0;    //!< messages on port decoded
    std::uint64_t d_unmatched_verdicts = 0; //!< failures that nothing waited for
    std::uint64_t d_undecoded = 0;          //!< transmissions that gave up waiting
    std::uint64_t d_delivered = 0;
    std::uint64_t d_codec_changes = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_HARQ_BUFFER_IMPL_H */

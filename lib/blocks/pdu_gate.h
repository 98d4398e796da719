/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_PDU_GATE_H
#define INCLUDED_FEWBIT_BLOCKS_PDU_GATE_H

#include "blocks/refusals.h"
#include <gnuradio/gr_complex.h>
#include <pmt/pmt.h>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>

namespace gr {
namespace fewbit {

//! The contents of a PDU that passed the gate; they live as long as its message.
template <typename T>
struct pdu_view {
    pmt::pmt_t meta; //!< a dict
    const T* items;
    std::size_t size;
};

/*!
 * \brief Opens the PDUs that come to a block. What does not pass is dropped and counted
 * among its refusals.
 */
class pdu_gate
{
public:
    explicit pdu_gate(const gr::logger_ptr& logger)
        : d_refused(logger, {"not_a_pdu", "wrong_type", "wrong_length", "bad_rv"})
    {
    }

    //! A PDU of \p length uint8 items, or of at least \p length.
    bool
    open(const pmt::pmt_t& message, std::size_t length, pdu_view<std::uint8_t>& view);
    bool open_at_least(const pmt::pmt_t& message,
                       std::size_t length,
                       pdu_view<std::uint8_t>& view);
    //! A PDU of \p length float items.
    bool open(const pmt::pmt_t& message, std::size_t length, pdu_view<float>& view);
    //! A PDU of \p length complex items.
    bool open(const pmt::pmt_t& message, std::size_t length, pdu_view<gr_complex>& view);

    /*! \brief The redundancy version that \p meta names, \p fallback when it names none.
     * \returns false, and counts, when it is no integer from 0 to 3 */
    bool redundancy_version(const pmt::pmt_t& meta, unsigned fallback, unsigned& rv);

    //! Count a PDU that was served.
    void pass() { ++d_passed; }

    //! Counts by name: passed, and of the refused not_a_pdu, wrong_type, wrong_length,
    //! bad_rv.
    std::map<std::string, std::uint64_t> counters() const;

private:
    enum cause { not_a_pdu, wrong_type, wrong_length, bad_rv };

    bool is_pdu(const pmt::pmt_t& message);
    bool has_length(std::size_t found, std::size_t length, bool at_least);
    bool refuse(cause why, const std::string& sentence);

    refusals d_refused;
    std::atomic<std::uint64_t> d_passed{0};
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_PDU_GATE_H */

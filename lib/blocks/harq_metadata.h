/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_HARQ_METADATA_H
#define INCLUDED_FEWBIT_BLOCKS_HARQ_METADATA_H

#include <gnuradio/fewbit/algorithms/softbits/harq_transmission.h>
#include <pmt/pmt.h>
#include <cstdint>
#include <map>
#include <string>

namespace gr {
namespace fewbit {

//! The interned keys of a HARQ link's messages (docs/architecture.md).
struct harq_keys {
    const pmt::pmt_t user = pmt::mp("user");
    const pmt::pmt_t process = pmt::mp("process");
    const pmt::pmt_t ndi = pmt::mp("ndi");
    const pmt::pmt_t rv = pmt::mp("rv");
    const pmt::pmt_t attempt = pmt::mp("attempt");
    const pmt::pmt_t packet_id = pmt::mp("packet_id");
    const pmt::pmt_t crc_ok = pmt::mp("crc_ok");
    const pmt::pmt_t ack = pmt::mp("ack");
    const pmt::pmt_t stored = pmt::mp("stored");
    const pmt::pmt_t outcome = pmt::mp("outcome");
    const pmt::pmt_t newest_ndi = pmt::mp("newest_ndi");

    static const harq_keys& get();
};

//! The metadata of a PDU, or of a message that is metadata alone.
pmt::pmt_t metadata_of(const pmt::pmt_t& message);

//! Read an unsigned integer; false when it is absent, of another type or above \p
//! largest.
bool read_unsigned(const pmt::pmt_t& dict,
                   const pmt::pmt_t& key,
                   std::uint64_t largest,
                   std::uint64_t& value);

//! Read a truth value; false when it is absent or of another type.
bool read_bool(const pmt::pmt_t& dict, const pmt::pmt_t& key, bool& value);

//! Read user, process, ndi, rv and attempt; false when one is absent or no such number.
bool read_transmission(const pmt::pmt_t& dict, algorithms::harq_transmission& tx);

//! A dict of counters, for a message.
pmt::pmt_t to_pmt(const std::map<std::string, std::uint64_t>& counters);

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_HARQ_METADATA_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_REORDERING_BLOCK_H
#define INCLUDED_FEWBIT_BLOCKS_REORDERING_BLOCK_H

#include "blocks/pdu_gate.h"
#include <gnuradio/fewbit/algorithms/coding/interleaver.h>
#include <gnuradio/io_signature.h>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

inline pmt::pmt_t vector_of(const std::vector<std::uint8_t>& items)
{
    return pmt::init_u8vector(items.size(), items);
}

inline pmt::pmt_t vector_of(const std::vector<float>& items)
{
    return pmt::init_f32vector(items.size(), items);
}

/*!
 * \brief A block that puts the items of every PDU into another order, by the redundancy
 * version in its metadata.
 *
 * \tparam Block the public class
 * \tparam Item what its PDUs hold
 * \tparam move which way the interleaver works
 */
template <typename Block,
          typename Item,
          void (algorithms::interleaver::*move)(const Item*, Item*, unsigned)
              const noexcept>
class reordering_block : public Block
{
public:
    reordering_block(const std::string& name, std::size_t n, std::uint64_t seed)
        : gr::block(name,
                    gr::io_signature::make(0, 0, 0),
                    gr::io_signature::make(0, 0, 0)),
          d_gate(this->d_logger),
          d_interleaver(n, seed),
          d_items(n)
    {
        this->message_port_register_in(d_port);
        this->message_port_register_out(d_port);
        this->set_msg_handler(d_port, [this](const pmt::pmt_t& m) { handle(m); });
    }

    std::map<std::string, std::uint64_t> counters() const override
    {
        return d_gate.counters();
    }

private:
    void handle(const pmt::pmt_t& message)
    {
        pdu_view<Item> items;
        unsigned rv = 0;
        if (!d_gate.open(message, d_items.size(), items) ||
            !d_gate.redundancy_version(items.meta, 0, rv))
            return;
        (d_interleaver.*move)(items.items, d_items.data(), rv);
        d_gate.pass();
        this->message_port_pub(d_port, pmt::cons(items.meta, vector_of(d_items)));
    }

    const pmt::pmt_t d_port = pmt::mp("pdus");
    pdu_gate d_gate;
    const algorithms::interleaver d_interleaver;
    std::vector<Item> d_items;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_REORDERING_BLOCK_H */

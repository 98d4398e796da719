/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BLOCKS_CONTROL_DESK_H
#define INCLUDED_FEWBIT_BLOCKS_CONTROL_DESK_H

#include "blocks/control_port.h"
#include <gnuradio/block.h>
#include <gnuradio/io_signature.h>
#include <memory>
#include <utility>

namespace gr {
namespace fewbit {

//! Takes the messages of a hierarchical block, which has no thread to do so itself.
class control_desk : public gr::block
{
public:
    static std::shared_ptr<control_desk> make(control_port port)
    {
        return gnuradio::make_block_sptr<control_desk>(std::move(port));
    }

    explicit control_desk(control_port port)
        : gr::block("control_desk",
                    gr::io_signature::make(0, 0, 0),
                    gr::io_signature::make(0, 0, 0)),
          d_port(std::move(port))
    {
        const pmt::pmt_t name = pmt::mp("control");
        message_port_register_in(name);
        set_msg_handler(name, [this](const pmt::pmt_t& m) { d_port.handle(m); });
    }

private:
    control_port d_port;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_BLOCKS_CONTROL_DESK_H */

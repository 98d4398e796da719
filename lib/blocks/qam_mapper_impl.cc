/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "blocks/qam_mapper_impl.h"

#include "blocks/frame_item.h"
#include <gnuradio/io_signature.h>
#include <stdexcept>
#include <string>

namespace gr {
namespace fewbit {

namespace {

std::size_t symbols_of(std::size_t n_bits, unsigned bits_per_symbol)
{
    if (n_bits == 0 || n_bits % bits_per_symbol != 0)
        throw std::invalid_argument("qam_mapper: n_bits is " + std::to_string(n_bits) +
                                    ", expected a positive multiple of " +
                                    std::to_string(bits_per_symbol));
    return n_bits / bits_per_symbol;
}

} // namespace

qam_mapper::sptr qam_mapper::make(std::size_t n_bits, unsigned bits_per_symbol)
{
    return gnuradio::make_block_sptr<qam_mapper_impl>(
        n_bits, algorithms::qam_mapper(bits_per_symbol));
}

qam_mapper_impl::qam_mapper_impl(std::size_t n_bits, const algorithms::qam_mapper& mapper)
    : gr::sync_block("qam_mapper",
                     gr::io_signature::make(1, 1, frame_bytes(frame_item::byte, n_bits)),
                     gr::io_signature::make(
                         1,
                         1,
                         frame_bytes(frame_item::complex,
                                     symbols_of(n_bits, mapper.bits_per_symbol())))),
      d_mapper(mapper),
      d_n_symbols(symbols_of(n_bits, mapper.bits_per_symbol()))
{
}

int qam_mapper_impl::work(int noutput_items,
                          gr_vector_const_void_star& input_items,
                          gr_vector_void_star& output_items)
{
    d_mapper.map(static_cast<const std::uint8_t*>(input_items[0]),
                 static_cast<std::size_t>(noutput_items) * d_n_symbols,
                 static_cast<gr_complex*>(output_items[0]));
    return noutput_items;
}

} // namespace fewbit
} // namespace gr

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_QAM_MAPPER_IMPL_H
#define INCLUDED_FEWBIT_QAM_MAPPER_IMPL_H

#include <gnuradio/fewbit/algorithms/link/qam_mapper.h>
#include <gnuradio/fewbit/qam_mapper.h>

namespace gr {
namespace fewbit {

class qam_mapper_impl : public qam_mapper
{
public:
    qam_mapper_impl(std::size_t n_bits, const algorithms::qam_mapper& mapper);

    int work(int noutput_items,
             gr_vector_const_void_star& input_items,
             gr_vector_void_star& output_items) override;

private:
    const algorithms::qam_mapper d_mapper;
    const std::size_t d_n_symbols; // of a frame
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_QAM_MAPPER_IMPL_H */

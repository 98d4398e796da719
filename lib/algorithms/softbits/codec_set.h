/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_CODEC_SET_H
#define INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_CODEC_SET_H

#include <gnuradio/fewbit/algorithms/softbits/codec.h>
#include <array>
#include <cstddef>
#include <memory>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief The codecs that a store's bodies were written by: one writes, others still read.
 *
 * A codec is held for as long as it writes or any body counts as its own. Indices are
 * small and do not change while a codec is held.
 */
class codec_set
{
public:
    static constexpr unsigned size = 4;

    //! The index that use() would give \p codec: an equal one's, else a free one, else
    //! the one of the codec with the fewest bodies, which the caller must erase first.
    unsigned index_for(const softbit_codec& codec) const;

    //! Write with \p codec from now on; no body may count on another at its index.
    void use(std::unique_ptr<softbit_codec> codec);

    unsigned writer() const { return d_writer; }
    softbit_codec& at(unsigned index) const { return *d_held[index].codec; }
    std::size_t bodies(unsigned index) const { return d_held[index].bodies; }
    void count_in(unsigned index) { ++d_held[index].bodies; }
    void count_out(unsigned index) { --d_held[index].bodies; }

private:
    struct held {
        std::unique_ptr<softbit_codec> codec;
        std::size_t bodies = 0;
    };
    std::array<held, size> d_held;
    unsigned d_writer = 0;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_CODEC_SET_H */

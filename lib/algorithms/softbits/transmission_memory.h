/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_TRANSMISSION_MEMORY_H
#define INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_TRANSMISSION_MEMORY_H

#include <gnuradio/fewbit/algorithms/coding/interleaver.h>
#include "algorithms/softbits/body_arena.h"
#include "algorithms/softbits/codec_set.h"
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief LLRs of transmissions in compressed form, each at a place of its own, written and
 * added up in whichever order their redundancy versions have.
 *
 * Each body is decoded by the codec that wrote it. A NaN counts as 0 and magnitudes
 * saturate at \p largest_llr, so that no sum is NaN. Only the constructor and use()
 * allocate.
 */
class transmission_memory
{
public:
    transmission_memory(std::size_t n_llrs,
                        std::size_t budget_bytes,
                        std::size_t places,
                        std::uint64_t interleaver_seed,
                        float largest_llr);

    std::size_t n_llrs() const { return d_ordered.size(); }
    const body_arena& arena() const { return d_arena; }
    const softbit_codec& codec() const { return d_codecs.at(d_codecs.writer()); }

    /*!
     * \brief Write with \p codec from now on.
     *
     * Where it takes the place of another that has bodies left, \p evict is called with
     * that one's index first, and must erase all that is_written_by() it.
     * \throws std::invalid_argument where it cannot take the transmissions; nothing has
     * changed then
     */
    template <typename Evict>
    void use(std::unique_ptr<softbit_codec> codec, Evict evict)
    {
        check(*codec);
        codec->reserve(n_llrs());
        reserve_body(codec->max_body_bytes(n_llrs()));
        const unsigned index = d_codecs.index_for(*codec);
        if (d_codecs.bodies(index) > 0 && d_codecs.at(index).id() != codec->id())
            evict(index);
        d_codecs.use(std::move(codec));
    }

    bool holds(std::size_t place) const { return d_arena.holds(place); }
    bool is_written_by(std::size_t place, unsigned codec_index) const;

    //! Add LLRs in the order of redundancy version \p rv to a codeword.
    void add(const float* llrs, unsigned rv, float* codeword);

    //! Add what is stored at a place to a codeword; false where it cannot be decoded.
    bool add_stored(std::size_t place, float* codeword);

    /*! \brief Store LLRs that are in the order of redundancy version \p rv, in place of
     * what is there.
     * \returns bytes of the budget that they take; 0: no room, no change */
    std::size_t put(std::size_t place, unsigned rv, const float* llrs);

    //! The same of a codeword, in the order of redundancy version 0.
    std::size_t put_codeword(std::size_t place, const float* codeword);

    void erase(std::size_t place);

private:
    void check(const softbit_codec& codec) const;
    void reserve_body(std::size_t bytes);
    float saturate(float llr) const;
    std::size_t put_symbols(std::size_t place, unsigned rv);

    const float d_largest_llr;
    interleaver d_interleaver;
    body_arena d_arena;
    codec_set d_codecs;
    std::vector<float> d_symbols;     //!< scratch, in transmission order
    std::vector<float> d_ordered;     //!< scratch, in codeword order
    std::vector<std::uint8_t> d_body; //!< scratch
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_TRANSMISSION_MEMORY_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_CODEC_H
#define INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_CODEC_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Packs a packet of LLRs into few bytes and back: the interface of every soft-bit codec.
 *
 * An LLR is log P(b=1)/P(b=0), natural logarithm, positive for bit 1. A packet is a sequence of
 * LLRs in demapper order: the llrs_per_symbol() LLRs of one QAM symbol stand together, first bit
 * first, and symbols follow their subcarriers. A codec may use that order (neighbouring
 * subcarriers fade alike); it must not rely on it for correctness.
 *
 * What is written by encode() is the \e body: the coded bytes alone, with no length, no checksum
 * and no name of the codec. Whoever keeps a body keeps its LLR count and its codec too (the HARQ
 * store in its entry, the container in its header). A body that was altered decodes to some LLRs
 * or to \c false, never to undefined behaviour.
 *
 * Special values: a NaN is encoded as 0 (an erasure, "nothing known"), and +-infinity as the
 * largest magnitude that the codec has. decode() always yields finite values.
 *
 * A codec object holds scratch memory, so one object serves one thread at a time; clone() gives
 * another thread its own. After reserve(n), encode() and decode() of up to n LLRs allocate
 * nothing and throw nothing.
 */
class FEWBIT_ALGORITHMS_API softbit_codec
{
public:
    virtual ~softbit_codec() = default;

    //! A short name for tables and plots, such as "uniform-4" or "learned-k6".
    virtual std::string name() const = 0;

    /*! \brief Identifies the codec with all its parameters, so that a body is never decoded by another.
     *
     * Equal for two objects exactly when they write and read the same bodies: a hash of the kind
     * and of every parameter (for a learned codec, of its bundle file's bytes).
     */
    virtual std::uint32_t id() const = 0;

    //! The LLR count of a packet must be a multiple of this; 1 where the codec sees single LLRs.
    virtual std::size_t llrs_per_symbol() const = 0;

    //! An upper bound on the bytes of a body of \p n_llrs LLRs.
    virtual std::size_t max_body_bytes(std::size_t n_llrs) const = 0;

    //! Make room for packets of up to \p n_llrs LLRs, so that encode() and decode() never allocate.
    virtual void reserve(std::size_t n_llrs) = 0;

    /*! \brief Encode \p n_llrs LLRs into \p body, which has room for max_body_bytes(n_llrs).
     *
     * \returns the body's bytes; 0 when n_llrs is 0, is not a multiple of llrs_per_symbol() or is
     *          more than reserve() made room for (callers check first and say so)
     */
    virtual std::size_t
    encode(const float* llrs, std::size_t n_llrs, std::uint8_t* body) noexcept = 0;

    /*! \brief Decode a body of \p n_bytes bytes into \p n_llrs LLRs.
     *
     * \returns false when the body cannot be one of this codec's for that many LLRs (wrong size,
     *          or evidently truncated); \p llrs is then all zeros. A damaged body of a plausible
     *          size may also decode to wrong LLRs: only the container's CRC-32 tells.
     */
    virtual bool decode(const std::uint8_t* body,
                        std::size_t n_bytes,
                        float* llrs,
                        std::size_t n_llrs) noexcept = 0;

    //! An equal codec with scratch memory of its own.
    virtual std::unique_ptr<softbit_codec> clone() const = 0;
};

/*!
 * \brief Make a codec from a short text, the form that GRC parameters, the command line and the
 * figures share.
 *
 * | specification | codec |
 * |-|-|
 * | `float` | 32-bit floats, stored as they are: what compression is compared with |
 * | `uniform:bits=4,clip=8` | b bits an LLR, packed; clip is the largest magnitude |
 * | `uniform:bits=4,clip=8,coded=1` | the same indices, range-coded with a static model |
 * | `max-mi:FILE,bits=3` | max-MI scalar codebooks of a bundle, range-coded; optional `snr=12` |
 * | `iq-csi:bits_per_symbol=6,step=0.5,csi=1.5` | I, Q in noise deviations and coarse CSI in dB, range-coded, from LLRs by inverting the demapper |
 * | `learned:FILE` | the network of a `softbit_codec` bundle |
 *
 * \throws std::invalid_argument in one sentence when the text cannot be read as one of these
 * \throws bundle_error when the file it names is not a sound bundle of the right kind
 */
FEWBIT_ALGORITHMS_API std::unique_ptr<softbit_codec>
make_softbit_codec(const std::string& specification);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_CODEC_H */

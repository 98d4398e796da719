/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_UNFOLDED_DETECTOR_H
#define INCLUDED_FEWBIT_UNFOLDED_DETECTOR_H

#include <gnuradio/block.h>
#include <gnuradio/fewbit/api.h>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace gr {
namespace fewbit {

/*!
 * \brief Detect what several users sent to several antennas, the channel known: by an unfolded
 * network, or by a rival of it.
 * \ingroup fewbit
 *
 * \details
 * Input 0: items of m complex y = H x + n. Input 1: items of m * k complex H, row by row, one
 * for every \p block_len vectors, as the mimo_channel gives them. Output 0, one item for each
 * vector, by \p output:
 * - "bits": k * K bytes, user by user, first bit first;
 * - "labels": k bytes, a user's K bits as a number, first bit highest;
 * - "symbols": k complex soft symbols.
 *
 * Output 1, which may stay open: items of k * K float LLRs, log P(b=1)/P(b=0), positive = bit
 * 1, user by user and first bit first, clipped to +-64. All of it is what
 * algorithms::detector answers, whatever the sizes of the scheduler's portions.
 *
 * Tags of y stay on their vector at both outputs; tags of H go no further.
 *
 * \b Noise. A block of vectors has the noise variance E|n_i|^2 of an antenna that the latest of
 * set_noise_variance() and a tag \c noise_variance (a number; of y, on or before the block's
 * first vector, or of H) said. One that is no number from 0 up is ignored, counted in bad_tag
 * and logged once. Where it is 0, or nothing has told it, the detectors take their smallest;
 * such channels are counted in noise_zero and noise_missing.
 *
 * \b Swap. set_detector() makes the new detector on the thread of its caller; the vector that
 * is next when it returns is the first of the new one, in the middle of a block too. No item is
 * lost, and work() neither loads nor allocates.
 *
 * \b Faults. Vectors over an unusable channel (NaN, infinity, numbers beyond float32) and
 * vectors that hold NaN or infinity are erased: bits, labels, symbols and LLRs of 0. A zero or
 * (nearly) singular H is detected over as well as it goes. All are counted, and the first of a
 * cause logged. Nothing of that stops the stream, which ends with either input.
 *
 * Message port \c control: dict of \c detector (symbol) and \c noise_variance (number), as the
 * setters, both served on the block's thread between two portions. A message that is refused is
 * counted, and the first of a cause logged.
 */
class FEWBIT_API unfolded_detector : virtual public gr::block
{
public:
    typedef std::shared_ptr<unfolded_detector> sptr;

    /*!
     * \param detector zf, lmmse, vblast, kbest:k=16, ep:iterations=10, ml, sphere or unfolded:FILE,
     * FILE a bundle or the name of an installed model (algorithms::make_detector)
     * \param antennas m, 1 to 128
     * \param users k, 1 to 128
     * \param bits_per_symbol K of every user: 2, 4, 6 or 8
     * \param block_len vectors that one H lasts, at least 1
     * \param output "bits", "labels" or "symbols"
     * \param noise_variance E|n_i|^2 until a tag tells another; negative: a tag will tell
     * \param check_channels whether zero and singular channels are looked for, which costs a third
     * of what preparing a channel costs
     * \throws std::invalid_argument when one of them is not as said
     * \throws algorithms::bundle_error when a file is not a sound bundle of the right kind
     */
    static sptr make(const std::string& detector = "lmmse",
                     std::size_t antennas = 16,
                     std::size_t users = 16,
                     unsigned bits_per_symbol = 4,
                     std::size_t block_len = 1,
                     const std::string& output = "bits",
                     double noise_variance = -1.0,
                     bool check_channels = true);

    //! Another detector of the same sizes. \throws as make(); all is then as before
    virtual void set_detector(const std::string& detector) = 0;
    //! The same for a graphical control: a refusal is logged, not thrown.
    //! \returns whether the detector was taken
    virtual bool request_detector(const std::string& detector) noexcept = 0;
    virtual std::string detector() const = 0; //!< the text that was given

    //! From the next block on. \throws std::invalid_argument when negative or not finite
    virtual void set_noise_variance(double noise_variance) = 0;
    //! Negative where nothing has told it yet.
    virtual double noise_variance() const = 0;

    /*! \brief Vectors detected a second of the time that the block spent at work, preparation of
     * their channels included: what it could do on a thread of its own that never waits.
     *
     * Of about the last half second of such time, of the detector at work alone; 0 before it has
     * detected anything. Other programs' share of the processor counts against it.
     */
    virtual double vectors_per_second() const = 0;

    //! vectors, channels, swaps, erased (vectors); channels by fault: channel_not_finite,
    //! channel_unusable (finite, but beyond float32), channel_zero, channel_singular,
    //! noise_zero, noise_missing; and by cause: vector_not_finite, cut_short (vectors whose search
    //! ended at its limit), bad_tag, bad_control, bad_detector, bad_setting
    virtual std::map<std::string, std::uint64_t> counters() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_UNFOLDED_DETECTOR_H */

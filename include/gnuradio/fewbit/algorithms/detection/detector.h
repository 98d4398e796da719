/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_DETECTOR_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_DETECTOR_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! Antennas, users and their square Gray QAM.
struct detector_size {
    std::size_t antennas;     //!< m, of the receiver
    std::size_t users;        //!< k, one transmit antenna each
    unsigned bits_per_symbol; //!< K of every user: 2, 4, 6 or 8
};

/*!
 * \brief Finds what k users sent from what m antennas received: the interface of every MIMO
 * detector.
 *
 *   y = H x + n,  E|x_j|^2 = 1,  E|n_i|^2 = noise variance
 *
 * Channels come first, then vectors: prepare() does what depends on H and the noise variance
 * alone and keeps it; detect() answers vectors, each over one of the prepared channels.
 *
 * What a vector's users get:
 * - a label: the K bits of the decision read as a number, first bit highest (qam_mapper's
 *   points() has the symbols by label)
 * - a soft symbol: an estimate of x_j whose error is about Gaussian, not biased towards 0
 *   where the detector knows its bias
 * - K LLRs log P(b=1)/P(b=0), natural logarithm, positive for bit 1, user by user and first
 *   bit first, clipped to +-llr_limit
 *
 * Special values: a channel that holds NaN or infinity, a noise variance that is negative,
 * NaN or infinite, and a channel whose numbers leave float32's range are unusable: prepare()
 * counts them. A vector over an unusable channel, over a channel that was not prepared, or
 * with NaN or infinity in y, is erased: labels 0, symbols 0, LLRs 0; detect() counts those. A
 * zero or singular H is usable; so is a noise variance of 0, which the detectors take for
 * their smallest.
 *
 * An object holds scratch memory: it serves one thread at a time. After reserve(n), prepare()
 * of up to n channels and detect() allocate nothing and throw nothing.
 */
class FEWBIT_ALGORITHMS_API detector
{
public:
    static constexpr std::size_t max_antennas = 128; //!< of m and of k
    static constexpr float llr_limit = 64.0f;

    virtual ~detector();

    //! A short name for tables and plots, such as "lmmse" or "kbest-16".
    virtual std::string name() const = 0;

    const detector_size& size() const noexcept { return d_size; }
    std::size_t llrs_per_vector() const noexcept
    {
        return d_size.users * d_size.bits_per_symbol;
    }

    //! Vectors so far whose search ended at its limit, with an answer that may not be the best;
    //! 0 for detectors without one. Any thread may ask.
    virtual std::uint64_t cut_short() const noexcept { return 0; }

    //! Make room for \p channels channels. What was prepared is forgotten.
    void reserve(std::size_t channels);
    std::size_t reserved() const noexcept { return d_usable.size(); }
    //! How many channels the last prepare() was for.
    std::size_t channels() const noexcept { return d_channels; }

    /*! \brief Take new channels in place of those before.
     *
     * \param h [count][m][k], row by row
     * \param noise_variances E|n_i|^2 of an antenna (complex), [count]
     * \param count at most reserved(); what is beyond is not prepared
     * \returns how many of them are unusable
     */
    std::size_t prepare(const std::complex<float>* h,
                        const float* noise_variances,
                        std::size_t count) noexcept;

    /*! \brief Detect \p n vectors.
     *
     * Vector v goes over channel (first + v) / block_len.
     *
     * \param y [n][m]
     * \param n vectors
     * \param block_len vectors that each channel lasts; 0: all go over channel 0
     * \param labels receives [n][k]; may be null, as the next two
     * \param symbols receives [n][k]
     * \param llrs receives [n][k * K]
     * \param first where the first vector stands
     * \returns how many vectors were erased
     */
    std::size_t detect(const std::complex<float>* y,
                       std::size_t n,
                       std::size_t block_len,
                       std::uint8_t* labels,
                       std::complex<float>* symbols,
                       float* llrs,
                       std::size_t first = 0) noexcept;

protected:
    //! \throws std::invalid_argument for sizes out of range; \p who begins the sentence
    detector(const std::string& who, const detector_size& size);
    detector(const detector&) = default;
    detector& operator=(const detector&) = default;

    //! Vectors that are handed on at once, at most.
    static constexpr std::size_t most_vectors = 64;

    //! Sound vectors over usable channels, and where their answers go (null: not wanted).
    struct vectors {
        const std::complex<float>* y;
        std::size_t n; // at most most_vectors
        const std::uint32_t* channel;
        std::uint8_t* labels;
        std::complex<float>* symbols;
        float* llrs;
    };

private:
    virtual void make_room(std::size_t channels) = 0;
    //! Channels that are not finite come along, marked in \p usable; set others to 0 there
    //! that turn out to be so.
    virtual void prepare_channels(const std::complex<float>* h,
                                  const float* noise_variances,
                                  std::size_t count,
                                  std::uint8_t* usable) noexcept = 0;
    virtual void detect_vectors(const vectors& some) noexcept = 0;

    std::size_t erase(const vectors& some, std::size_t from, std::size_t to) noexcept;
    std::size_t detect_some(const vectors& some) noexcept;

    detector_size d_size;
    std::vector<std::uint8_t> d_usable;
    std::size_t d_channels = 0;
};

/*!
 * \brief Make a detector from a short text, the form that GRC parameters, the command line
 * and the figures share.
 *
 * | specification | detector |
 * |-|-|
 * | `zf` | zero forcing |
 * | `lmmse` | linear MMSE, unbiased |
 * | `vblast` | successive cancellation, MMSE, best user first |
 * | `kbest:k=16` | breadth-first tree search over a MMSE-extended sorted QR, k survivors |
 * | `ep:iterations=10,damping=0.3` | expectation propagation |
 * | `ml` | exhaustive, small sizes |
 * | `sphere:nodes=10000,clip=16` | the same by a tree search that visits at most so many nodes |
 * | `unfolded:FILE` | the network of an `unfolded_detector` bundle |
 *
 * All that follows `unfolded:` is the file's name, a `,` or `=` in it too.
 *
 * \throws std::invalid_argument in one sentence when the text cannot be read as one of these,
 * or when the sizes do not suit it
 * \throws bundle_error when the file it names is not a sound bundle of the right kind
 */
FEWBIT_ALGORITHMS_API std::unique_ptr<detector>
make_detector(const std::string& specification, const detector_size& size);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_DETECTOR_H */

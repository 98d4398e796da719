/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_DETECTION_SPHERE_DETECTOR_H
#define INCLUDED_FEWBIT_ALGORITHMS_DETECTION_SPHERE_DETECTOR_H

#include <gnuradio/fewbit/algorithms/detection/detector.h>
#include <cstdint>
#include <memory>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief Maximum likelihood by a depth-first tree search: the x of least ||y - H x||^2, found
 * without trying all.
 *
 * Over a QR of the MMSE-extended channel in V-BLAST's order (as tree_detector), in the real model,
 * the best level first (Schnorr and Euchner, Math. Programming 66, 1994). With ridge the noise
 * variance over a symbol's energy and a the outermost level,
 *
 *   ||y - H x||^2 = sum_i (z_i - sum_j R_ij x_j)^2 + ridge (a^2 - x_i^2) + constant,
 *
 * whose terms are none below 0: a partial sum that reaches the best x found ends its branch, and
 * the x that is left is the ML decision also where columns of H depend on one another.
 *
 * LLRs are max-log over all x, (least with b = 0 less least with b = 1) / (2 variance), as the
 * exhaustive ml_detector's, clipped to +-clip: a second search, which visits what may still be the
 * best x with some bit otherwise (Studer and Boelcskei, IEEE Trans. Inf. Theory 56(10), 2010). The
 * lower the clip, the shorter the search.
 * Soft symbols are the decisions. Of x that are equally good, up to float32's rounding, one.
 *
 * Each of the two searches visits at most so many nodes. One that is cut short there leaves the
 * best x that it has seen (the first one seen is successive cancellation's), or LLRs max-log over
 * the x that it has seen, where the worst stands for a bit's value that none had; cut_short()
 * counts the vector. How many nodes a search needs grows with users and bits and falls with the
 * SNR.
 */
class FEWBIT_ALGORITHMS_API sphere_detector : public detector
{
public:
    static constexpr std::size_t usual_nodes = 10000;
    static constexpr std::size_t most_nodes = 100000000;
    static constexpr double usual_clip = 16.0;

    /*! \param size of the problem
     * \param nodes that a search visits at most, at least 4 times the users
     * \param clip of LLRs, more than 0 to llr_limit
     * \throws std::invalid_argument for sizes, nodes or clip out of range */
    explicit sphere_detector(const detector_size& size,
                             std::size_t nodes = usual_nodes,
                             double clip = usual_clip);
    ~sphere_detector() override;

    std::string name() const override { return "sphere"; }
    std::uint64_t cut_short() const noexcept override;

private:
    struct parts;

    void make_room(std::size_t channels) override;
    void prepare_channels(const std::complex<float>* h,
                          const float* noise_variances,
                          std::size_t count,
                          std::uint8_t* usable) noexcept override;
    void detect_vectors(const vectors& some) noexcept override;

    std::unique_ptr<parts> d_parts;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_DETECTION_SPHERE_DETECTOR_H */

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_NAMED_QUANTIZER_H
#define INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_NAMED_QUANTIZER_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/matrix.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/task_quantizer.h>
#include <functional>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

/*!
 * \brief A task-based quantizer by its name: a bundle, or a design that follows from the
 * channel.
 *
 * Texts:
 * - a bundle's file, or the name of an installed model (find_model());
 * - `quantized_map:rate=1`: quantized_map() with floor(2^rate) levels; or `levels=2`;
 *   `support=2`;
 * - `rotation_lookup:levels=8`: rotation_search() and lookup_design(); `adcs=4` (as many
 *   as users where not given), `starts=64`, `evaluations=1500`, `seed=1`.
 *
 * The last two need H and v of x = H s + w, BPSK symbols s. The rotation is searched once,
 * for the v that was given first; at() then only works out the lookup table anew.
 */
class FEWBIT_ALGORITHMS_API named_quantizer
{
public:
    /*! \param text as above
     * \param channel H [n][k], real; one without values where text names a bundle
     * \param noise_variance v per real input, for which the rotation is searched
     * \param complex_inputs how the vectors come, see task_quantizer
     * \throws std::invalid_argument or bundle_error, in one sentence
     */
    named_quantizer(const std::string& text,
                    const matrix& channel,
                    double noise_variance,
                    bool complex_inputs = false);

    //! Whether at() depends on the noise: false for a bundle.
    bool depends_on_noise() const noexcept { return d_depends_on_noise; }

    /*! \brief The quantizer for the noise variance \p v.
     * \throws std::invalid_argument unless v is positive and finite */
    task_quantizer at(double v) const;

private:
    bool d_depends_on_noise = false;
    std::function<task_quantizer(double)> d_make;
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_TASK_QUANTIZER_NAMED_QUANTIZER_H */

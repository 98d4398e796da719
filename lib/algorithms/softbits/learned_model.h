/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_SOFTBITS_LEARNED_MODEL_H
#define INCLUDED_FEWBIT_SOFTBITS_LEARNED_MODEL_H

#include "kernels/dense_network.h"
#include "latent_contexts.h"
#include <gnuradio/fewbit/algorithms/coding/cdf_table.h>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

//! What a bundle of kind softbit_codec holds, ready to run: never changed after loading.
struct learned_model {
    std::size_t bits_per_symbol = 0;
    unsigned levels = 0;
    float llr_clip = 0;
    std::uint32_t id = 0; // hash of the bundle's bytes
    kernels::dense_network encoder;
    kernels::dense_network decoder;
    std::vector<float> codebook; // [levels]
    latent_contexts contexts;
    std::vector<cdf_table> cdfs; // [latent][context]

    const cdf_table& cdf(std::size_t latent, unsigned context) const
    {
        return cdfs[latent * contexts.contexts() + context];
    }

    //! \throws bundle_error in one sentence: file, field, found, expected
    static std::shared_ptr<const learned_model> load(const std::string& file);
};

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_SOFTBITS_LEARNED_MODEL_H */

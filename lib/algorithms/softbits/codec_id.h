/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_SOFTBITS_CODEC_ID_H
#define INCLUDED_FEWBIT_SOFTBITS_CODEC_ID_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace gr {
namespace fewbit {
namespace algorithms {

//! 32-bit FNV-1a, the hash of softbit_codec::id(); pass a former result to hash on.
inline std::uint32_t
codec_id(const void* data, std::size_t n_bytes, std::uint32_t so_far = 2166136261u)
{
    const auto* byte = static_cast<const std::uint8_t*>(data);
    for (std::size_t i = 0; i < n_bytes; i++)
        so_far = (so_far ^ byte[i]) * 16777619u;
    return so_far;
}

//! The id of a codec that is described in full by \p parameters, its kind first.
inline std::uint32_t codec_id(const std::string& parameters)
{
    return codec_id(parameters.data(), parameters.size());
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_SOFTBITS_CODEC_ID_H */

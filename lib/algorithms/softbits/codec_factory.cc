/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/softbits/codec.h>
#include <gnuradio/fewbit/algorithms/softbits/float_codec.h>
#include <gnuradio/fewbit/algorithms/softbits/learned_codec.h>
#include <gnuradio/fewbit/algorithms/softbits/iq_csi_codec.h>
#include <gnuradio/fewbit/algorithms/softbits/max_mi_codec.h>
#include <gnuradio/fewbit/algorithms/softbits/uniform_codec.h>

#include "algorithms/text_specification.h"
#include <cmath>
#include <map>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

using codec_maker = std::unique_ptr<softbit_codec> (*)(text_specification&);

std::unique_ptr<softbit_codec> make_float(text_specification& text)
{
    text.allow({});
    return std::make_unique<float_codec>();
}

std::unique_ptr<softbit_codec> make_learned(text_specification& text)
{
    return std::make_unique<learned_codec>(text.file_alone());
}

std::unique_ptr<softbit_codec> make_uniform(text_specification& text)
{
    text.allow({"bits", "clip", "coded", "bits_per_symbol", "snr"});
    const bool coded = text.integer("coded", 0, 1, 0) == 1;
    if (!coded)
        text.allow({"bits", "clip", "coded"});
    const auto bits = static_cast<unsigned>(text.integer("bits", 2, 8));
    const double clip = text.number("clip", 1e-3, 1e6);
    if (!coded)
        return std::make_unique<uniform_codec>(bits, clip);
    const auto bits_per_symbol =
        static_cast<unsigned>(text.integer("bits_per_symbol", 2, 8, 6));
    const double snr_db = text.number("snr", -20.0, 60.0, 13.0);
    return std::make_unique<uniform_codec>(bits, clip, bits_per_symbol, snr_db);
}

std::unique_ptr<softbit_codec> make_max_mi(text_specification& text)
{
    text.allow_file_and({"bits", "snr"});
    const auto bits = static_cast<unsigned>(text.integer("bits", 1, 8, 0));
    const double snr_db = text.number("snr", -100.0, 100.0, std::nan(""));
    return std::make_unique<max_mi_codec>(
        read_scalar_codebook(text.file(), bits, snr_db));
}

std::unique_ptr<softbit_codec> make_iq_csi(text_specification& text)
{
    text.allow({"bits_per_symbol", "fixed", "step", "csi"});
    iq_csi_settings settings;
    settings.fixed_length = text.integer("fixed", 0, 1, 0) == 1;
    if (settings.fixed_length)
        text.allow({"bits_per_symbol", "fixed", "csi"});
    settings.bits_per_symbol =
        static_cast<unsigned>(text.integer("bits_per_symbol", 4, 8));
    if (!settings.fixed_length)
        settings.step = text.number("step", 0.1, 4.0, settings.step);
    settings.csi_step_db =
        text.number("csi", 0.25, 6.0, settings.fixed_length ? 2.0 : settings.csi_step_db);
    return std::make_unique<iq_csi_codec>(settings);
}

// Every kind of codec, by the word before the colon.
const std::map<std::string, codec_maker>& codec_makers()
{
    static const std::map<std::string, codec_maker> makers{
        {"float", make_float},
        {"learned", make_learned},
        {"iq-csi", make_iq_csi},
        {"max-mi", make_max_mi},
        {"uniform", make_uniform},
    };
    return makers;
}

} // namespace

std::unique_ptr<softbit_codec> make_softbit_codec(const std::string& specification)
{
    text_specification text("codec", specification);
    const auto found = codec_makers().find(text.kind());
    if (found == codec_makers().end()) {
        std::string known;
        for (const auto& [kind, maker] : codec_makers())
            known += (known.empty() ? "" : ", ") + kind;
        text.refuse("'" + text.kind() + "' is not a kind of codec; there are " + known);
    }
    return found->second(text);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

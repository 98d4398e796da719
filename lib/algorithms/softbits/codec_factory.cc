/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/softbits/codec.h>
#include <gnuradio/fewbit/algorithms/softbits/float_codec.h>
#include <gnuradio/fewbit/algorithms/softbits/learned_codec.h>

#include "codec_specification.h"
#include <map>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

using codec_maker = std::unique_ptr<softbit_codec> (*)(codec_specification&);

std::unique_ptr<softbit_codec> make_float(codec_specification& text)
{
    text.refuse_the_rest();
    return std::make_unique<float_codec>();
}

std::unique_ptr<softbit_codec> make_learned(codec_specification& text)
{
    text.refuse_the_rest(true);
    return std::make_unique<learned_codec>(text.file());
}

// Every kind of codec, by the word before the colon.
const std::map<std::string, codec_maker>& codec_makers()
{
    static const std::map<std::string, codec_maker> makers{
        {"float", make_float},
        {"learned", make_learned},
    };
    return makers;
}

} // namespace

std::unique_ptr<softbit_codec> make_softbit_codec(const std::string& specification)
{
    codec_specification text(specification);
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

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/softbits/codec.h>
#include <gnuradio/fewbit/llr_compressor.h>
#include <iostream>
#include <vector>

int main()
{
    const auto codec = gr::fewbit::algorithms::make_softbit_codec("uniform:bits=4,clip=8");
    const std::vector<float> llrs(648, 1.0f);
    std::vector<std::uint8_t> body(codec->max_body_bytes(llrs.size()));
    codec->reserve(llrs.size());
    const auto block = gr::fewbit::llr_compressor::make("uniform:bits=4,clip=8");
    std::cout << codec->encode(llrs.data(), llrs.size(), body.data()) << " " << block->name()
              << "\n";
}

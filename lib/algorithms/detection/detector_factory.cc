/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/detection/detector.h>
#include <gnuradio/fewbit/algorithms/detection/ep_detector.h>
#include <gnuradio/fewbit/algorithms/detection/linear_detector.h>
#include <gnuradio/fewbit/algorithms/detection/ml_detector.h>
#include <gnuradio/fewbit/algorithms/detection/sphere_detector.h>
#include <gnuradio/fewbit/algorithms/detection/tree_detector.h>
#include <gnuradio/fewbit/algorithms/detection/unfolded_detector.h>

#include "algorithms/text_specification.h"
#include <map>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

using detector_maker = std::unique_ptr<detector> (*)(text_specification&,
                                                     const detector_size&);

std::unique_ptr<detector> make_zf(text_specification& text, const detector_size& size)
{
    text.allow({});
    return std::make_unique<linear_detector>(linear_kind::zero_forcing, size);
}

std::unique_ptr<detector> make_lmmse(text_specification& text, const detector_size& size)
{
    text.allow({});
    return std::make_unique<linear_detector>(linear_kind::lmmse, size);
}

std::unique_ptr<detector> make_vblast(text_specification& text, const detector_size& size)
{
    text.allow({});
    return std::make_unique<tree_detector>(size);
}

std::unique_ptr<detector> make_kbest(text_specification& text, const detector_size& size)
{
    text.allow({"k"});
    const int k = text.integer("k", 1, static_cast<int>(tree_detector::max_survivors));
    return std::make_unique<tree_detector>(size, static_cast<std::size_t>(k));
}

std::unique_ptr<detector> make_ep(text_specification& text, const detector_size& size)
{
    text.allow({"iterations", "damping"});
    const int iterations =
        text.integer("iterations", 1, static_cast<int>(ep_detector::max_iterations), 10);
    const double damping = text.number("damping", 1e-3, 1.0, ep_detector::usual_damping);
    return std::make_unique<ep_detector>(
        size, static_cast<std::size_t>(iterations), damping);
}

std::unique_ptr<detector> make_ml(text_specification& text, const detector_size& size)
{
    text.allow({});
    return std::make_unique<ml_detector>(size);
}

std::unique_ptr<detector> make_sphere(text_specification& text, const detector_size& size)
{
    text.allow({"nodes", "clip"});
    const int nodes = text.integer("nodes",
                                   1,
                                   static_cast<int>(sphere_detector::most_nodes),
                                   static_cast<int>(sphere_detector::usual_nodes));
    const double clip = text.number("clip", 1e-3, 64.0, sphere_detector::usual_clip);
    return std::make_unique<sphere_detector>(size, static_cast<std::size_t>(nodes), clip);
}

std::string text_of(const detector_size& size)
{
    return std::to_string(size.antennas) + " antennas, " + std::to_string(size.users) +
           " users, " + std::to_string(size.bits_per_symbol) + " bits a symbol";
}

std::unique_ptr<detector> make_unfolded(text_specification& text,
                                        const detector_size& size)
{
    auto made = std::make_unique<unfolded_detector>(text.file_alone());
    const detector_size& own = made->size();
    if (own.antennas != size.antennas || own.users != size.users ||
        own.bits_per_symbol != size.bits_per_symbol)
        text.refuse("the network is for " + text_of(own) + ", expected " + text_of(size));
    return made;
}

// Every kind of detector, by the word before the colon.
const std::map<std::string, detector_maker>& detector_makers()
{
    static const std::map<std::string, detector_maker> makers{
        {"ep", make_ep},
        {"kbest", make_kbest},
        {"lmmse", make_lmmse},
        {"ml", make_ml},
        {"sphere", make_sphere},
        {"unfolded", make_unfolded},
        {"vblast", make_vblast},
        {"zf", make_zf},
    };
    return makers;
}

} // namespace

std::unique_ptr<detector> make_detector(const std::string& specification,
                                        const detector_size& size)
{
    text_specification text("detector", specification);
    const auto found = detector_makers().find(text.kind());
    if (found == detector_makers().end()) {
        std::string known;
        for (const auto& [kind, maker] : detector_makers())
            known += (known.empty() ? "" : ", ") + kind;
        text.refuse("'" + text.kind() + "' is not a kind of detector; there are " +
                    known);
    }
    return found->second(text, size);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

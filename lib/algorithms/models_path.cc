/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/models_path.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace gr {
namespace fewbit {
namespace algorithms {

std::string models_path()
{
    const char* chosen = std::getenv("FEWBIT_MODELS");
    return chosen && *chosen ? chosen : FEWBIT_INSTALLED_MODELS;
}

std::string find_model(const std::string& file)
{
    namespace fs = std::filesystem;
    std::error_code ignored;
    const fs::path given(file);
    if (file.empty() || given.is_absolute() || fs::exists(given, ignored))
        return file;
    const fs::path shipped = fs::path(models_path()) / given;
    for (const std::string& place : {shipped.string(), shipped.string() + ".safetensors"})
        if (fs::exists(place, ignored))
            return place;
    return file;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

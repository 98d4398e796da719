/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "codec_specification.h"

#include <gnuradio/fewbit/algorithms/models_path.h>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <locale>
#include <sstream>
#include <stdexcept>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

// Reads all of \p text as a number, whatever the process's locale.
bool parse(const std::string& text, double& value)
{
    std::istringstream in(text);
    in.imbue(std::locale::classic());
    return (in >> value) && in.peek() == std::istringstream::traits_type::eof() &&
           std::isfinite(value);
}

std::string shown(double value)
{
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out << value;
    return out.str();
}

} // namespace

codec_specification::codec_specification(const std::string& text) : d_text(text)
{
    const std::size_t colon = text.find(':');
    d_kind = text.substr(0, colon);
    if (colon == std::string::npos)
        return;
    if (colon + 1 == text.size())
        refuse("nothing follows the ':'");

    std::size_t begin = colon + 1;
    while (begin <= text.size()) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string item = text.substr(begin, end - begin);
        const std::size_t equals = item.find('=');
        if (item.empty()) {
            refuse("an option is empty; options are separated by single commas");
        } else if (equals == std::string::npos) {
            if (begin != colon + 1)
                refuse("'" + item + "' is not of the form key=value");
            d_file = item;
        } else {
            const bool is_new =
                d_options.emplace(item.substr(0, equals), option{item.substr(equals + 1)})
                    .second;
            if (!is_new)
                refuse("option '" + item.substr(0, equals) + "' is given twice");
        }
        begin = end + 1;
    }
}

std::string codec_specification::file() const
{
    if (d_file.empty())
        refuse("the name of a bundle file is missing after '" + d_kind + ":'");
    return find_model(d_file);
}

double codec_specification::number(const std::string& key, double lowest, double highest)
{
    const auto found = d_options.find(key);
    if (found == d_options.end())
        refuse("option '" + key + "' is missing");
    found->second.asked = true;
    double value;
    if (!parse(found->second.value, value) || value < lowest || value > highest)
        refuse(key + " is '" + found->second.value + "', expected a number from " +
               shown(lowest) + " to " + shown(highest));
    return value;
}

double codec_specification::number(const std::string& key,
                                   double lowest,
                                   double highest,
                                   double otherwise)
{
    return has(key) ? number(key, lowest, highest) : otherwise;
}

int codec_specification::integer(const std::string& key, int lowest, int highest)
{
    const double value = number(key, lowest, highest);
    if (value != std::floor(value))
        refuse(key + " is '" + d_options[key].value + "', expected a whole number");
    return static_cast<int>(value);
}

int codec_specification::integer(const std::string& key,
                                 int lowest,
                                 int highest,
                                 int otherwise)
{
    return has(key) ? integer(key, lowest, highest) : otherwise;
}

void codec_specification::refuse_the_rest(bool takes_file) const
{
    if (!takes_file && !d_file.empty())
        refuse("'" + d_file + "' is not of the form key=value");
    for (const auto& [key, value] : d_options)
        if (!value.asked)
            refuse("'" + d_kind + "' has no option '" + key + "'");
}

void codec_specification::refuse(const std::string& what) const
{
    throw std::invalid_argument("codec '" + d_text + "': " + what);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

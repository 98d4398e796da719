/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/text_specification.h"

#include <gnuradio/fewbit/algorithms/bundle.h>
#include <gnuradio/fewbit/algorithms/models_path.h>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <locale>
#include <sstream>
#include <stdexcept>
#include <system_error>

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

std::string trimmed(const std::string& text)
{
    const char* spaces = " \t\r\n";
    const std::size_t first = text.find_first_not_of(spaces);
    if (first == std::string::npos)
        return "";
    return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

bool exists(const std::string& file)
{
    std::error_code ignored;
    return std::filesystem::exists(file, ignored);
}

std::string quoted_and_where(const std::string& file)
{
    return "'" + file + "', nor a model of that name in " + models_path();
}

std::string shown(double value)
{
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out << value;
    return out.str();
}

} // namespace

text_specification::text_specification(const std::string& noun, const std::string& text)
    : d_noun(noun), d_text(text)
{
    const std::size_t colon = text.find(':');
    d_kind = trimmed(text.substr(0, colon));
    if (colon == std::string::npos)
        return;
    d_rest = trimmed(text.substr(colon + 1));
    if (d_rest.empty())
        refuse("nothing follows the ':'");
}

void text_specification::take_apart()
{
    d_file.clear();
    d_options.clear();
    if (d_rest.empty())
        return;
    std::size_t begin = 0;
    while (begin <= d_rest.size()) {
        const std::size_t end = std::min(d_rest.find(',', begin), d_rest.size());
        const std::string item = trimmed(d_rest.substr(begin, end - begin));
        const std::size_t equals = item.find('=');
        if (item.empty()) {
            refuse("an option is empty; options are separated by single commas");
        } else if (equals == std::string::npos) {
            if (begin != 0)
                refuse("'" + item + "' is not of the form key=value");
            d_file = item;
        } else {
            const std::string key = trimmed(item.substr(0, equals));
            if (!d_options.emplace(key, trimmed(item.substr(equals + 1))).second)
                refuse("option '" + key + "' is given twice");
        }
        begin = end + 1;
    }
}

void text_specification::allow(std::initializer_list<const char*> keys)
{
    take_apart();
    if (!d_file.empty())
        refuse("'" + d_file + "' is not of the form key=value");
    check_options(keys);
}

void text_specification::allow_file_and(std::initializer_list<const char*> keys)
{
    take_apart();
    check_options(keys);
}

void text_specification::check_options(std::initializer_list<const char*> keys) const
{
    std::string known = keys.size() > 0 ? "" : ", expected none";
    for (const char* key : keys)
        known += (known.empty() ? ", expected " : ", ") + std::string(key);
    for (const auto& [key, value] : d_options)
        if (std::find(keys.begin(), keys.end(), key) == keys.end())
            refuse("'" + d_kind + "' has no option '" + key + "'" + known);
}

std::string text_specification::file() const
{
    const std::string found = find_model(named(d_file));
    if (!exists(found))
        throw bundle_error(about() + "there is no file " + quoted_and_where(d_file));
    return found;
}

std::string text_specification::file_alone() const
{
    const std::string found = find_model(named(d_rest));
    if (exists(found))
        return found;
    if (d_rest.find_first_of(",=") != std::string::npos)
        refuse("'" + d_kind + "' has no options, and there is no file " +
               quoted_and_where(d_rest));
    throw bundle_error(about() + "there is no file " + quoted_and_where(d_rest));
}

const std::string& text_specification::named(const std::string& file) const
{
    if (file.empty())
        refuse("the name of a bundle file is missing after '" + d_kind + ":'");
    return file;
}

double text_specification::number(const std::string& key, double lowest, double highest)
{
    const auto found = d_options.find(key);
    if (found == d_options.end())
        refuse("option '" + key + "' is missing");
    double value;
    if (!parse(found->second, value) || value < lowest || value > highest)
        refuse(key + " is '" + found->second + "', expected a number from " +
               shown(lowest) + " to " + shown(highest));
    return value;
}

double text_specification::number(const std::string& key,
                                  double lowest,
                                  double highest,
                                  double otherwise)
{
    return has(key) ? number(key, lowest, highest) : otherwise;
}

int text_specification::integer(const std::string& key, int lowest, int highest)
{
    const double value = number(key, lowest, highest);
    if (value != std::floor(value))
        refuse(key + " is '" + d_options[key] + "', expected a whole number");
    return static_cast<int>(value);
}

int text_specification::integer(const std::string& key,
                                int lowest,
                                int highest,
                                int otherwise)
{
    return has(key) ? integer(key, lowest, highest) : otherwise;
}

void text_specification::refuse(const std::string& what) const
{
    throw std::invalid_argument(about() + what);
}

std::string text_specification::about() const { return d_noun + " '" + d_text + "': "; }

} // namespace algorithms
} // namespace fewbit
} // namespace gr

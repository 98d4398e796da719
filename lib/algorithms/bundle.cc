/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/bundle.h>

#include "safetensors.h"
#include "strict_json.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

namespace gr {
namespace fewbit {
namespace algorithms {

using nlohmann::json;

struct bundle::contents {
    std::string path;
    std::string kind;
    std::string config_text;
    json config;
    std::uint32_t id = 0;
    std::size_t file_bytes = 0;
    std::vector<tensor_info> tensors;
    std::map<std::string, std::vector<float>> floats;
    std::map<std::string, std::vector<std::int32_t>> integers;
};

namespace {

constexpr std::size_t max_config_depth = 16;

std::uint32_t fnv1a(const std::vector<std::uint8_t>& bytes)
{
    std::uint32_t hash = 2166136261u;
    for (const auto byte : bytes)
        hash = (hash ^ byte) * 16777619u;
    return hash;
}

// Values of 32 bits, little endian in the file whatever this machine is.
template <typename T>
std::vector<T> values_of(const std::uint8_t* bytes, std::size_t count)
{
    static_assert(sizeof(T) == 4, "F32 and I32");
    std::vector<T> values(count);
    for (std::size_t i = 0; i < count; ++i, bytes += 4) {
        const std::uint32_t word = bytes[0] | std::uint32_t{bytes[1]} << 8 |
                                   std::uint32_t{bytes[2]} << 16 |
                                   std::uint32_t{bytes[3]} << 24;
        std::memcpy(&values[i], &word, sizeof(word));
    }
    return values;
}

void check_finite(const std::string& path,
                  const std::string& name,
                  const std::vector<float>& values)
{
    const auto bad = std::find_if(
        values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
    if (bad != values.end())
        throw bundle_refusal(path,
                             "tensor " + in_quotes(name) + ", value " +
                                 std::to_string(bad - values.begin()),
                             std::isnan(*bad) ? "NaN" : "infinite",
                             "a finite number");
}

std::string metadata_of(const std::string& path,
                        const std::map<std::string, std::string>& metadata,
                        const std::string& key)
{
    const auto found = metadata.find(key);
    if (found == metadata.end())
        throw bundle_refusal(
            path, "metadata '" + key + "'", "missing", "it in every bundle of gr-fewbit");
    return found->second;
}

json parse_config(const std::string& path, const std::string& text)
{
    json config;
    try {
        config = parse_strict_json(text, max_config_depth);
    } catch (const std::runtime_error& error) {
        throw bundle_refusal(
            path, "metadata 'fewbit.config'", error.what(), "a JSON object");
    }
    if (!config.is_object())
        throw bundle_refusal(
            path, "metadata 'fewbit.config'", config.type_name(), "a JSON object");
    return config;
}

std::string text_of(const json& value)
{
    return in_quotes(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

} // namespace

bundle::bundle(std::shared_ptr<const contents> c) : d_contents(std::move(c)) {}

bundle bundle::load(const std::string& path, const std::string& kind)
{
    const std::vector<std::uint8_t> file = read_bundle_file(path);
    const safetensors_header header = parse_safetensors(path, file);
    const auto c = std::make_shared<contents>();
    c->path = path;
    c->id = fnv1a(file);
    c->file_bytes = file.size();

    if (header.metadata.count("fewbit.kind") == 0)
        throw not_a_bundle(path,
                           "it is a .safetensors file whose metadata 'fewbit.kind' is "
                           "missing, expected one that gr-fewbit's trainer wrote");
    c->kind = metadata_of(path, header.metadata, "fewbit.kind");
    if (!kind.empty() && c->kind != kind)
        throw bundle_refusal(
            path, "metadata 'fewbit.kind'", in_quotes(c->kind), in_quotes(kind));
    const std::string format = metadata_of(path, header.metadata, "fewbit.format");
    if (format != "1")
        throw bundle_refusal(path,
                             "metadata 'fewbit.format'",
                             in_quotes(format),
                             "'1', the only one that this version reads");
    c->config_text = metadata_of(path, header.metadata, "fewbit.config");
    c->config = parse_config(path, c->config_text);

    for (const auto& tensor : header.tensors) {
        const std::string& name = tensor.info.name;
        const std::uint8_t* bytes = file.data() + header.data_begin + tensor.begin;
        const std::size_t count = (tensor.end - tensor.begin) / 4;
        if (tensor.info.dtype == "F32")
            check_finite(path, name, c->floats[name] = values_of<float>(bytes, count));
        else
            c->integers[name] = values_of<std::int32_t>(bytes, count);
        c->tensors.push_back(tensor.info);
    }
    return bundle(c);
}

const std::string& bundle::path() const noexcept { return d_contents->path; }
const std::string& bundle::kind() const noexcept { return d_contents->kind; }
std::uint32_t bundle::id() const noexcept { return d_contents->id; }
std::size_t bundle::file_bytes() const noexcept { return d_contents->file_bytes; }
const std::string& bundle::config() const noexcept { return d_contents->config_text; }

bool bundle::has_config(const std::string& key) const noexcept
{
    return d_contents->config.find(key) != d_contents->config.end();
}

bundle_error bundle::refusal(const std::string& field,
                             const std::string& found,
                             const std::string& expected) const
{
    return bundle_refusal(d_contents->path, field, found, expected);
}

namespace {

const json& value_at(const bundle& b, const json& config, const std::string& key)
{
    const auto found = config.find(key);
    if (found == config.end())
        throw b.refusal(
            "config " + in_quotes(key), "missing", "it in a bundle of this kind");
    return *found;
}

} // namespace

std::int64_t bundle::config_integer(const std::string& key,
                                    std::int64_t least,
                                    std::int64_t most) const
{
    const json& value = value_at(*this, d_contents->config, key);
    // An unsigned value beyond int64 would wrap; it is out of range as a double, too.
    if (!value.is_number_integer() || value.get<double>() < static_cast<double>(least) ||
        value.get<double>() > static_cast<double>(most) ||
        value.get<std::int64_t>() < least || value.get<std::int64_t>() > most)
        throw refusal("config " + in_quotes(key),
                      text_of(value),
                      "an integer from " + std::to_string(least) + " to " +
                          std::to_string(most));
    return value.get<std::int64_t>();
}

double bundle::config_number(const std::string& key, double least, double most) const
{
    const json& value = value_at(*this, d_contents->config, key);
    if (!value.is_number() || value.get<double>() < least || value.get<double>() > most)
        throw refusal("config " + in_quotes(key),
                      text_of(value),
                      "a number from " + json(least).dump() + " to " + json(most).dump());
    return value.get<double>();
}

std::vector<double> bundle::config_numbers(const std::string& key,
                                           std::size_t count) const
{
    const json& value = value_at(*this, d_contents->config, key);
    if (!value.is_array() || value.size() != count ||
        !std::all_of(
            value.begin(), value.end(), [](const json& v) { return v.is_number(); }))
        throw refusal("config " + in_quotes(key),
                      text_of(value),
                      "an array of " + std::to_string(count) + " numbers");
    return value.get<std::vector<double>>();
}

std::string bundle::config_string(const std::string& key) const
{
    const json& value = value_at(*this, d_contents->config, key);
    if (!value.is_string())
        throw refusal("config " + in_quotes(key), text_of(value), "a string");
    return value.get<std::string>();
}

bool bundle::config_boolean(const std::string& key) const
{
    const json& value = value_at(*this, d_contents->config, key);
    if (!value.is_boolean())
        throw refusal("config " + in_quotes(key), text_of(value), "true or false");
    return value.get<bool>();
}

const std::vector<bundle::tensor_info>& bundle::tensors() const noexcept
{
    return d_contents->tensors;
}

bool bundle::has_tensor(const std::string& name) const noexcept
{
    return d_contents->floats.count(name) + d_contents->integers.count(name) > 0;
}

const bundle::tensor_info& bundle::tensor(const std::string& name) const
{
    for (const auto& info : d_contents->tensors)
        if (info.name == name)
            return info;
    throw refusal("tensor " + in_quotes(name), "missing", "it in a bundle of this kind");
}

const std::vector<float>& bundle::f32(const std::string& name,
                                      const shape_type& shape) const
{
    const tensor_info& found = tensor(name);
    if (found.dtype != "F32" || found.shape != shape)
        throw refusal("tensor " + in_quotes(name),
                      found.dtype + " " + shape_text(found.shape),
                      "F32 " + shape_text(shape));
    return d_contents->floats.at(name);
}

const std::vector<std::int32_t>& bundle::i32(const std::string& name,
                                             const shape_type& shape) const
{
    const tensor_info& found = tensor(name);
    if (found.dtype != "I32" || found.shape != shape)
        throw refusal("tensor " + in_quotes(name),
                      found.dtype + " " + shape_text(found.shape),
                      "I32 " + shape_text(shape));
    return d_contents->integers.at(name);
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

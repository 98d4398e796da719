/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "safetensors.h"
#include "strict_json.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

constexpr std::size_t max_dimensions = 8;
constexpr std::size_t value_bytes = 4; // of both types
constexpr std::size_t max_depth = 4;   // header, tensor, shape: one to spare

using nlohmann::json;

// Refuses on behalf of one field of one file.
struct field_of {
    const std::string& path;
    std::string field;

    [[noreturn]] void refuse(const std::string& found, const std::string& expected) const
    {
        throw bundle_refusal(path, field, found, expected);
    }
};

std::string text_of(const json& value)
{
    return in_quotes(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::map<std::string, std::string> parse_metadata(const std::string& path,
                                                  const json& found)
{
    std::map<std::string, std::string> metadata;
    if (!found.is_object())
        field_of{path, "__metadata__"}.refuse(found.type_name(), "an object of strings");
    for (const auto& item : found.items()) {
        if (!item.value().is_string())
            field_of{path, "metadata " + in_quotes(item.key())}.refuse(
                item.value().type_name(), "a string");
        metadata[item.key()] = item.value().get<std::string>();
    }
    return metadata;
}

bundle::shape_type parse_shape(const field_of& field, const json& found)
{
    if (!found.is_array() || found.size() > max_dimensions)
        field.refuse(found.is_array() ? std::to_string(found.size()) + " dimensions"
                                      : std::string(found.type_name()),
                     "an array of at most " + std::to_string(max_dimensions) + " sizes");
    bundle::shape_type shape;
    for (const auto& size : found) {
        if (!size.is_number_unsigned() ||
            size.get<std::uint64_t>() > bundle::max_file_bytes)
            field.refuse(text_of(found),
                         "sizes from 0 to " + std::to_string(bundle::max_file_bytes));
        shape.push_back(size.get<std::size_t>());
    }
    return shape;
}

// The product of sizes, each at most max_file_bytes; larger ones than that are all alike.
std::size_t count_of(const bundle::shape_type& shape)
{
    if (std::count(shape.begin(), shape.end(), 0u) > 0)
        return 0;
    std::uint64_t count = 1;
    for (const auto size : shape)
        count = std::min<std::uint64_t>(count * size, bundle::max_file_bytes + 1);
    return count;
}

safetensors_entry parse_tensor(const std::string& path,
                               const std::string& name,
                               const json& found,
                               std::size_t data_bytes)
{
    const std::string tensor = "tensor " + in_quotes(name);
    if (!found.is_object() || found.size() != 3 || !found.contains("dtype") ||
        !found.contains("shape") || !found.contains("data_offsets"))
        field_of{path, tensor}.refuse(
            text_of(found),
            "an object of dtype, shape and data_offsets, and nothing else");

    safetensors_entry entry;
    entry.info.name = name;
    const json& dtype = found["dtype"];
    if (!dtype.is_string() || (dtype != "F32" && dtype != "I32"))
        field_of{path, tensor + ", dtype"}.refuse(text_of(dtype), "\"F32\" or \"I32\"");
    entry.info.dtype = dtype.get<std::string>();
    entry.info.shape = parse_shape({path, tensor + ", shape"}, found["shape"]);

    const field_of field{path, tensor + ", data_offsets"};
    const json& offsets = found["data_offsets"];
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned())
        field.refuse(text_of(offsets), "two integers");
    const std::uint64_t begin = offsets[0].get<std::uint64_t>();
    const std::uint64_t end = offsets[1].get<std::uint64_t>();
    if (begin > end || end > data_bytes)
        field.refuse(text_of(offsets),
                     "a range within the " + std::to_string(data_bytes) +
                         " bytes of data");
    const std::size_t wanted = count_of(entry.info.shape) * value_bytes;
    if (end - begin != wanted)
        field.refuse(text_of(offsets),
                     "a range of " + std::to_string(wanted) + " bytes for shape " +
                         shape_text(entry.info.shape));
    entry.begin = begin;
    entry.end = end;
    return entry;
}

// Sort the tensors by place; refuse gaps (where anything could hide), overlaps and bytes
// that are no tensor's.
void check_coverage(const std::string& path,
                    std::vector<safetensors_entry>& tensors,
                    std::size_t data_bytes)
{
    std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    });
    std::size_t reached = 0;
    for (const auto& tensor : tensors) {
        if (tensor.begin != reached)
            throw bundle_refusal(path,
                                 "tensor " + in_quotes(tensor.info.name) + ", first byte",
                                 std::to_string(tensor.begin),
                                 std::to_string(reached) +
                                     ", where the tensor before it ends");
        reached = tensor.end;
    }
    if (reached != data_bytes)
        throw bundle_refusal(path,
                             "the data's size",
                             std::to_string(data_bytes) + " bytes",
                             std::to_string(reached) +
                                 " bytes, where the last tensor ends");
}

} // namespace

bundle_error bundle_refusal(const std::string& path,
                            const std::string& field,
                            const std::string& found,
                            const std::string& expected)
{
    return bundle_error("bundle " + in_quotes(path) + ": " + field + " is " + found +
                        ", expected " + expected);
}

bundle_error not_a_bundle(const std::string& path, const std::string& why)
{
    return bundle_error(in_quotes(path) + " is not a bundle: " + why);
}

std::string shape_text(const bundle::shape_type& shape)
{
    std::string text = "[";
    for (const auto size : shape)
        text += (text.size() > 1 ? ", " : "") + std::to_string(size);
    return text + "]";
}

std::vector<std::uint8_t> read_bundle_file(const std::string& path)
{
    const field_of field{path, "the file"};
    const std::string expected = "a readable .safetensors file";
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status))
        field.refuse("not there", expected);
    if (std::filesystem::is_directory(status))
        field.refuse("a directory", expected);
    if (!std::filesystem::is_regular_file(status)) // a pipe would block
        field.refuse("not a regular file", expected);
    const auto size = std::filesystem::file_size(path, error);
    if (!error && size > bundle::max_file_bytes)
        field.refuse(std::to_string(size) + " bytes long",
                     "at most " + std::to_string(bundle::max_file_bytes) + " bytes");
    std::ifstream stream(path, std::ios::binary);
    if (error || !stream)
        field.refuse("not readable", expected);
    std::vector<std::uint8_t> file(size);
    stream.read(reinterpret_cast<char*>(file.data()), static_cast<std::streamsize>(size));
    if (static_cast<std::size_t>(stream.gcount()) != size)
        field.refuse("shorter than it was a moment ago", expected);
    return file;
}

safetensors_header parse_safetensors(const std::string& path,
                                     const std::vector<std::uint8_t>& file)
{
    constexpr std::size_t length_bytes = 8;
    if (file.size() < length_bytes)
        throw not_a_bundle(path,
                           "it is " + std::to_string(file.size()) +
                               " bytes long, expected at least the 8 bytes of a "
                               ".safetensors file's header length");
    std::uint64_t length = 0;
    for (std::size_t i = length_bytes; i-- > 0;)
        length = (length << 8) | file[i];
    const std::size_t most =
        std::min(bundle::max_header_bytes, file.size() - length_bytes);
    if (length > most)
        throw not_a_bundle(path,
                           "its first 8 bytes, read as a .safetensors file's header "
                           "length, give " +
                               std::to_string(length) + ", expected at most " +
                               std::to_string(most) +
                               (most == bundle::max_header_bytes
                                    ? ""
                                    : ", which is what follows in the file"));

    safetensors_header header;
    header.data_begin = length_bytes + static_cast<std::size_t>(length);
    const std::string text(file.begin() + length_bytes, file.begin() + header.data_begin);
    json parsed;
    try {
        parsed = parse_strict_json(text, max_depth);
    } catch (const std::runtime_error& error) {
        throw bundle_refusal(path, "the header", error.what(), "a JSON object");
    }
    if (!parsed.is_object())
        throw bundle_refusal(path, "the header", parsed.type_name(), "a JSON object");

    const std::size_t data_bytes = file.size() - header.data_begin;
    for (const auto& item : parsed.items()) {
        if (item.key() == "__metadata__")
            header.metadata = parse_metadata(path, item.value());
        else
            header.tensors.push_back(
                parse_tensor(path, item.key(), item.value(), data_bytes));
    }
    check_coverage(path, header.tensors, data_bytes);
    return header;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

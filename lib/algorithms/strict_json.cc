/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "strict_json.h"

#include <set>
#include <stdexcept>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

nlohmann::json parse_strict_json(const std::string& text, std::size_t max_depth)
{
    using nlohmann::json;
    std::vector<std::set<std::string>> keys; // of the objects that are open
    std::size_t depth = 0;
    const json::parser_callback_t check =
        [&](int, json::parse_event_t event, json& value) {
            switch (event) {
            case json::parse_event_t::object_start:
                keys.emplace_back();
                [[fallthrough]];
            case json::parse_event_t::array_start:
                if (++depth > max_depth)
                    throw std::runtime_error("nested deeper than " +
                                             std::to_string(max_depth));
                break;
            case json::parse_event_t::object_end:
                keys.pop_back();
                [[fallthrough]];
            case json::parse_event_t::array_end:
                --depth;
                break;
            case json::parse_event_t::key:
                if (!keys.back().insert(value.get<std::string>()).second)
                    throw std::runtime_error("an object with a duplicate key " +
                                             in_quotes(value.get<std::string>()));
                break;
            default:
                break;
            }
            return true;
        };
    try {
        return json::parse(text, check);
    } catch (const json::parse_error& error) {
        throw std::runtime_error("not JSON at byte " + std::to_string(error.byte));
    } catch (
        const json::exception&) { // out_of_range: the only other one that parse() has
        throw std::runtime_error("not JSON of finite numbers");
    }
}

std::string in_quotes(const std::string& text)
{
    constexpr std::size_t longest = 80;
    const nlohmann::json shown =
        text.size() > longest ? text.substr(0, longest) + "..." : text;
    std::string escaped =
        shown.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    escaped.front() = '\'';
    escaped.back() = '\'';
    return escaped;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

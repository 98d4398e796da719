/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_BINDINGS_BLOCK_CLASS_H
#define INCLUDED_FEWBIT_BINDINGS_BLOCK_CLASS_H

#include "whole_number.h"
#include <gnuradio/block.h>
#include <pybind11/stl.h>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

/*!
 * \brief The Python class of a block, with whatever gr class stands between it and
 * gr::block.
 *
 * def_make() binds the block's make() as its constructor, as
 * `def(py::init(&Block::make), names...)` would, but for numbers that an unsigned parameter
 * cannot hold: pybind11 calls them arguments of a wrong type, we say in a ValueError which
 * one is what and was expected to be what.
 */
template <typename Block, typename... Kind>
class block_class
    : public py::
          class_<Block, Kind..., gr::block, gr::basic_block, std::shared_ptr<Block>>
{
public:
    block_class(py::module& m, const char* name, const char* doc)
        : py::class_<Block, Kind..., gr::block, gr::basic_block, std::shared_ptr<Block>>(
              m,
              name,
              doc)
    {
    }

    //! \param names py::arg for each parameter of \p make, with its default
    template <typename... Parameters, typename... Names>
    block_class& def_make(std::shared_ptr<Block> (*make)(Parameters...),
                          const Names&... names)
    {
        static_assert(sizeof...(Parameters) == sizeof...(Names),
                      "each parameter has a py::arg");
        const auto who = py::str(this->attr("__name__")).template cast<std::string>();
        bind_make(make, who, std::index_sequence_for<Parameters...>(), names...);
        return *this;
    }

    //! A setter of one number, bound likewise.
    template <typename T, typename... Extra>
    block_class& def_set(const char* name,
                         void (Block::*set)(T),
                         const py::arg& argument,
                         const Extra&... extra)
    {
        const auto who = py::str(this->attr("__name__")).template cast<std::string>();
        this->def(
            name,
            [=, who = who + "." + name, text = argument.name](
                Block& self, given<T> value) { (self.*set)(taken<T>(value, who, text)); },
            argument,
            extra...);
        return *this;
    }

private:
    template <typename... Parameters, std::size_t... I, typename... Names>
    void bind_make(std::shared_ptr<Block> (*make)(Parameters...),
                   const std::string& who,
                   std::index_sequence<I...>,
                   const Names&... names)
    {
        const std::array<const char*, sizeof...(Names)> texts{names.name...};
        this->def(py::init([=](given<Parameters>... values) {
                      return make(taken<Parameters>(values, who, texts[I])...);
                  }),
                  names...);
    }

    template <typename T>
    using held = std::decay_t<T>;

    template <typename T>
    static constexpr bool counts =
        std::is_unsigned_v<held<T>> && !std::is_same_v<held<T>, bool>;

    template <typename T>
    using given = std::conditional_t<counts<T>, whole_number, held<T>>;

    template <typename T>
    static held<T> taken(const given<T>& value, const std::string& who, const char* name)
    {
        if constexpr (counts<T>)
            return value.template as<held<T>>(who, name);
        else
            return value;
    }
};

#endif /* INCLUDED_FEWBIT_BINDINGS_BLOCK_CLASS_H */

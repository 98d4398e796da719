/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/instruction_sets.h>
#include <boost/test/unit_test.hpp>
#include <stdexcept>

using namespace gr::fewbit::algorithms;

BOOST_AUTO_TEST_CASE(every_listed_set_can_be_chosen)
{
    const auto sets = instruction_sets();
    BOOST_REQUIRE(!sets.empty());
    for (const auto& name : sets)
        BOOST_CHECK_NO_THROW(use_instruction_set(name));
    use_instruction_set("");
    BOOST_CHECK(instruction_sets() == sets); // a choice does not shorten the list
}

BOOST_AUTO_TEST_CASE(an_unknown_set_is_refused)
{
    BOOST_CHECK_THROW(use_instruction_set("MMX"), std::invalid_argument);
}

/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnuradio/fewbit/algorithms/coding/ldpc_decoder.h>
#include <gnuradio/fewbit/algorithms/coding/ldpc_encoder.h>
#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

using namespace gr::fewbit::algorithms;

BOOST_AUTO_TEST_CASE(what_is_encoded_is_decoded_by_a_moved_decoder)
{
    const ldpc_code code = ldpc_code::from_name("802.11n-648-1/2");
    const ldpc_encoder encoder(code);
    for (const auto algorithm : {ldpc_algorithm::min_sum, ldpc_algorithm::sum_product}) {
        ldpc_decoder first(code, algorithm);
        ldpc_decoder decoder = std::move(first);
        std::vector<std::uint8_t> bits(324), codeword(648), decoded(324);
        for (std::size_t i = 0; i < bits.size(); ++i)
            bits[i] = (i * i + 3 * i) / 5 & 1;
        encoder.encode(bits.data(), codeword.data());
        BOOST_CHECK(code.is_codeword(codeword.data()));

        std::vector<float> llrs(648);
        for (std::size_t i = 0; i < llrs.size(); ++i)
            llrs[i] = (codeword[i] ? 3.0f : -3.0f) * (i % 40 == 7 ? -1 : 1);
        const ldpc_result result = decoder.decode(llrs.data(), decoded.data());
        BOOST_CHECK(result.converged);
        BOOST_CHECK(result.iterations > 0);
        BOOST_CHECK(decoded == bits);
    }
}

BOOST_AUTO_TEST_CASE(a_singular_parity_part_is_refused)
{
    const ldpc_code code(5, 2, 4, {0, 0, 1, 1, 0, 1, 1, 1});
    BOOST_CHECK_THROW(ldpc_encoder{code}, std::invalid_argument);
}

/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_HYBRID_COMBINER_H
#define INCLUDED_FEWBIT_HYBRID_COMBINER_H

#include <gnuradio/fewbit/algorithms/task_quantizer/analog_map.h>
#include <gnuradio/fewbit/api.h>
#include <gnuradio/sync_block.h>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {

/*!
 * \brief The analog part of a task-based quantizer: antenna vectors to ADC inputs.
 * \ingroup fewbit
 *
 * \details
 * Input: items of n floats, or of n/2 complex values that stand for the real vector
 * [Re; Im]. Output: items of p floats, the ADCs' inputs z = g gain (W x + b)
 * (algorithms::analog_map: full, layered or phase shifters). One item out for each in;
 * tags stay on their item.
 *
 * With a block AGC, the first item of every \p block_len items carries the stream tag \c
 * agc_gain (double), the g of the block, which digital_detector reads. A tag is an
 * allocation and a search in every block that it passes: for 12 antennas and 4 ADCs, tags
 * take 25 times as long as the arithmetic at a block_len of 1, a sixth of it at 64, and
 * are not felt at 1024. Items come in whole AGC blocks, so those that fill none wait for
 * the rest.
 *
 * Vectors that hold NaN or infinity are counted, logged once and treated by IEEE
 * arithmetic: whatever it yields is quantized (NaN to code 0), no other vector is
 * spoiled, but for the g of its own AGC block (1).
 *
 * Setters take effect at the first item of the next AGC block. Message port \c control:
 * dict of \c agc (symbol), \c gain (f32vector) and \c design (symbol), any of them, as
 * the setters. A message that is refused is counted, and the first of a cause logged.
 */
class FEWBIT_API hybrid_combiner : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<hybrid_combiner> sptr;

    /*!
     * \param map what is done
     * \param type of the input: "float", or "complex" where the map's inputs are even
     * \param block_len vectors of a block of the AGC, 1 to 65536
     * \throws std::invalid_argument when one of the last two is not as said
     */
    static sptr make(const algorithms::analog_map& map,
                     const std::string& type = "float",
                     std::size_t block_len = 1);

    /*!
     * \param design a bundle of kind task_quantizer: a file, or the name of an installed
     * model; with complex inputs where \p type is "complex"
     * \throws std::invalid_argument or algorithms::bundle_error
     */
    static sptr make(const std::string& design,
                     const std::string& type = "float",
                     std::size_t block_len = 1);

    /*! \brief Another map of the same sizes.
     * \param design_id the first item of the new map carries the stream tag \c design
     * (uint64) with this number, at which learned_adc and digital_detector change too; 0:
     * no tag
     * \throws std::invalid_argument for other sizes; the map is then as before */
    virtual void set_map(const algorithms::analog_map& map,
                         std::uint64_t design_id = 0) = 0;
    //! The same from a bundle. \throws std::invalid_argument or algorithms::bundle_error
    virtual void set_design(const std::string& design, std::uint64_t design_id = 0) = 0;
    //! "fixed" or "block". \throws std::invalid_argument for another text
    virtual void set_agc(const std::string& mode) = 0;
    //! gain_d of each ADC's input. \throws std::invalid_argument unless p positive values
    virtual void set_gain(const std::vector<float>& gain) = 0;

    virtual std::vector<float> gain() const = 0;
    virtual std::string agc() const = 0;
    virtual std::size_t inputs() const = 0;  //!< n, real
    virtual std::size_t outputs() const = 0; //!< p

    //! vectors; not_finite of them; designs taken, where they have a number with the first vector
    //! that goes out (as the other parts count); refused settings by cause: bad_control,
    //! bad_design, bad_setting
    virtual std::map<std::string, std::uint64_t> counters() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_HYBRID_COMBINER_H */

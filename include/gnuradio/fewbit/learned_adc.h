/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_LEARNED_ADC_H
#define INCLUDED_FEWBIT_LEARNED_ADC_H

#include <gnuradio/fewbit/algorithms/task_quantizer/adc_impairments.h>
#include <gnuradio/fewbit/algorithms/task_quantizer/scalar_adc.h>
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
 * \brief A bank of scalar ADCs, each with its own thresholds; faulty on demand.
 * \ingroup fewbit
 *
 * \details
 * Input: items of p floats. Output: items of p bytes, the code of each ADC: the number of
 * its thresholds that are at most its input (algorithms::scalar_adc; NaN: 0). One item
 * out for each in; tags stay on their item.
 *
 * For study, the ADCs can be given faults: offsets of all thresholds of an ADC, gain
 * errors, jitter, noise (algorithms::adc_impairments), and thresholds that moved each on
 * its own (algorithms::threshold_scatter). None by default, at no cost.
 *
 * A stream tag \c design (an integer) makes the ADCs change, at its item, to what
 * set_adc() or set_design() has put aside under that number. A number that nothing was
 * put aside for is counted in unknown_designs, logged once, and changes nothing.
 *
 * Other settings take effect at the next item. Message port \c control: dict of \c
 * thresholds, \c offsets, \c gain_errors (f32vectors), \c offset_deviation, \c
 * threshold_deviation, \c gain_deviation, \c jitter, \c noise (numbers) and \c design (symbol), any of them, as
 * the setters. A message that is refused is counted, and the first of a cause logged.
 */
class FEWBIT_API learned_adc : virtual public gr::sync_block
{
public:
    typedef std::shared_ptr<learned_adc> sptr;

    /*! \param adc the ADCs
     * \param faults their deviations, and the seed of what is drawn
     * \param threshold_deviation of each threshold on its own; drawn by
     * algorithms::threshold_scatter() from the seed with all its bits turned round
     * \throws std::invalid_argument for a deviation that is negative or not finite */
    static sptr make(const algorithms::scalar_adc& adc,
                     const algorithms::adc_impairment_settings& faults = {},
                     double threshold_deviation = 0.0);

    /*!
     * \param design a bundle of kind task_quantizer: a file, or the name of an installed
     * model
     * \param faults, threshold_deviation as above
     * \throws std::invalid_argument or algorithms::bundle_error
     */
    static sptr make(const std::string& design,
                     const algorithms::adc_impairment_settings& faults = {},
                     double threshold_deviation = 0.0);

    /*! \brief Other ADCs, as many as before.
     * \param design_id change at the item with the tag \c design of this number; 0: at the
     * next item
     * \throws std::invalid_argument for another number of ADCs; all is then as before */
    virtual void set_adc(const algorithms::scalar_adc& adc,
                         std::uint64_t design_id = 0) = 0;
    //! The same from a bundle. \throws std::invalid_argument or algorithms::bundle_error
    virtual void set_design(const std::string& design, std::uint64_t design_id = 0) = 0;
    /*! \brief Other thresholds, at the next item: of ADC 0, then of ADC 1, and so on.
     * \throws std::invalid_argument for another number of them than before, or where an
     * ADC's do not ascend */
    virtual void set_thresholds(const std::vector<float>& thresholds) = 0;
    //! As they were given, without faults.
    virtual std::vector<float> thresholds() const = 0;
    virtual std::vector<unsigned> levels() const = 0; //!< M_d of each ADC
    virtual std::size_t adcs() const = 0;             //!< p

    // Faults, in units of the ADCs' inputs; all throw std::invalid_argument for a value
    // that is not finite, a negative deviation or another number of values than ADCs.
    //! Draw each ADC's offset from N(0, deviation^2): the same draws, times the deviation.
    virtual void set_offset_deviation(double deviation) = 0;
    //! Draw each ADC's gain error likewise.
    virtual void set_gain_deviation(double deviation) = 0;
    //! Draw an offset for each threshold likewise.
    virtual void set_threshold_deviation(double deviation) = 0;
    virtual void set_offsets(const std::vector<float>& offsets) = 0;
    virtual void set_gain_errors(const std::vector<float>& errors) = 0;
    virtual std::vector<float> offsets() const = 0;
    virtual std::vector<float> gain_errors() const = 0;
    virtual void set_jitter(double deviation) = 0; //!< in vector periods
    virtual void set_noise(double deviation) = 0;

    //! vectors; designs taken; unknown_designs; refused settings by cause: bad_control,
    //! bad_design, bad_setting
    virtual std::map<std::string, std::uint64_t> counters() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_LEARNED_ADC_H */

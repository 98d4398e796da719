/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_LLR_DECOMPRESSOR_H
#define INCLUDED_FEWBIT_LLR_DECOMPRESSOR_H

#include <gnuradio/fewbit/api.h>
#include <gnuradio/block.h>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace gr {
namespace fewbit {

/*!
 * \brief Unpack the containers of llr_compressor into packets of LLRs.
 * \ingroup fewbit
 *
 * \details
 * Message port in, \c pdus: PDU of uint8, a container.
 *
 * Message ports out:
 * - \c pdus: PDU of float32 LLRs, all finite. Metadata passes through.
 * - \c refused: what was not unpacked: the PDU as it came, its cause in the metadata as
 * the symbol \c reason; of a message that was no PDU, a PDU of no bytes.
 *
 * A container from outside is untrusted. It is refused when it is damaged, truncated, of
 * another codec or of more than \p max_llrs LLRs: counted by its cause, the first of a
 * cause logged, and treated as never received. Zeros are never sent in its place.
 */
class FEWBIT_API llr_decompressor : virtual public gr::block
{
public:
    typedef std::shared_ptr<llr_decompressor> sptr;

    /*!
     * \param codec the compressor's, a text for algorithms::make_softbit_codec()
     * \param max_llrs the most LLRs of a packet, 1 to 2^24: what a packet may take of memory
     * \throws std::invalid_argument or bundle_error when there is no such codec
     */
    static sptr make(const std::string& codec = "float", unsigned max_llrs = 65536);

    /*! \brief Unpack with another codec from the next container on.
     * \throws std::invalid_argument or bundle_error; the codec is then as before
     */
    virtual void set_codec(const std::string& codec) = 0;
    virtual std::string codec() const = 0; //!< the codec's short name

    /*! \brief Counts by name: passed; and of the refused not_a_pdu, wrong_type, those of
     * algorithms::container_reason (too_short, bad_magic, bad_format, bad_crc,
     * wrong_codec, bad_length), and bad_body: sound in all this, but no body of the
     * codec.
     */
    virtual std::map<std::string, std::uint64_t> counters() const = 0;
};

} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_LLR_DECOMPRESSOR_H */

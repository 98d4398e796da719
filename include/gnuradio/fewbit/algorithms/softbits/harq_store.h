/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_HARQ_STORE_H
#define INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_HARQ_STORE_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <gnuradio/fewbit/algorithms/softbits/codec.h>
#include <gnuradio/fewbit/algorithms/softbits/harq_transmission.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

class harq_process_table;
class transmission_memory;
struct harq_process;

/*!
 * \brief The receiver's memory of a HARQ link: soft bits of what did not decode.
 *
 * Each of \c users users has \c processes stop-and-wait processes; a process carries one
 * block of \c n_llrs coded bits at a time. A transmission's LLRs (log P(b=1)/P(b=0),
 * positive for bit 1) come in demapper order, that is transmission order: transmitted bit
 * i is codeword bit (permutation[i] + rv n/4) mod n (coding/interleaver.h). Chase
 * combining adds, per codeword bit,
 *
 *     L(b) = sum over the attempts a of L_a(b)
 *
 * which is exact when the transmissions' noise is independent and no two bits share a symbol
 * twice, as with redundancy versions that move bits. Where the same symbols come again, this
 * loses: adding the symbols before the demapper would tell more (docs/harq.md measures it).
 * LLRs go out in codeword order.
 *
 * \section life A block's life
 * 1. combine(): the new LLRs are added to what is stored. Nothing stored changes.
 * 2. The caller decodes and checks the CRC.
 * 3. CRC failed: keep() stores the transmission, if there is room, for the next one to be
 * added to. CRC passed: release() frees the memory, and remembers the block as
 * acknowledged, so that a retransmission whose ACK was lost is answered at once (\c
 * duplicate).
 * 4. The next block of the process has a newer new-data indicator. It frees what is left
 * of the block before (\c superseded), but only at its own keep() or release(). Nothing
 * else frees a block: none is evicted to make room for another.
 *
 * Several transmissions of one block may be between 1 and 3 at a time, in any order:
 * keep() sees that the store has changed since combine() and adds to what is there now.
 *
 * \section fail How a reservation fails
 * At \c full, \c too_many and \c restarted the link goes on with less gain: the
 * transmission is decoded on its own or with what is stored. The other outcomes refuse
 * the transmission. Each is counted, none throws; holds() says what feedback should call
 * "stored".
 *
 * \section ndi New-data indicator
 * A counter modulo 256 compared by serial arithmetic: of two, the one at most 127 steps
 * ahead is the newer. A process never heard of accepts any. A sender that starts again
 * behind the receiver's count reads the newest one in the \c stale answer and jumps.
 *
 * \section storage Storage
 * \c combined stores one body a block: the sum, put into redundancy version 0's
 * transmission order (so that the codec sees symbols) and encoded anew at each keep(),
 * with a further loss each time. \c per_transmission stores every transmission's own
 * LLRs, encoded once in their own order, and adds them on use: more memory from the
 * second retransmission on, one loss per transmission, and a codec made for single
 * transmissions sees only such. docs/harq.md measures both.
 *
 * \section memory Memory
 * \c budget_bytes holds the bodies and record_overhead() bytes for each; it is allocated
 * at construction and bytes_in_use() never exceeds it. Not in it: table_bytes() of
 * protocol state (fixed, whatever is stored), and scratch for one packet.
 *
 * Special values: a NaN counts as 0, and magnitudes saturate at largest_llr, so that no
 * sum is NaN. No call but the constructor, set_codec() and clear() allocates. One thread
 * at a time.
 */
class FEWBIT_ALGORITHMS_API harq_store
{
public:
    enum class storage_mode { combined, per_transmission };

    static constexpr float largest_llr = 1e6f;
    static constexpr unsigned max_attempts = 32;
    static constexpr unsigned max_codecs = 4;

    /*!
     * \param users number of users, at least 1
     * \param processes HARQ processes of each user, at least 1; users x processes below
     * 2^24
     * \param n_llrs LLRs of a transmission; a multiple of the codec's llrs_per_symbol()
     * \param codec how soft bits are stored; the store owns it
     * \param budget_bytes memory for stored blocks, below 4 GiB; 0 stores nothing
     * \param storage what is stored of a block, see above
     * \param interleaver_seed the sender's
     * \param max_transmissions most transmissions stored of a block, 1 .. 32;
     * per_transmission only
     * \throws std::invalid_argument when a parameter is out of its range
     */
    harq_store(std::uint32_t users,
               std::uint32_t processes,
               std::size_t n_llrs,
               std::unique_ptr<softbit_codec> codec,
               std::size_t budget_bytes,
               storage_mode storage = storage_mode::per_transmission,
               std::uint64_t interleaver_seed = 1,
               unsigned max_transmissions = 4);
    ~harq_store();

    /*!
     * \brief Add a transmission to what is stored of its block; nothing stored changes.
     *
     * \param tx which transmission
     * \param llrs \p n LLRs in demapper order
     * \param combined room for n_llrs() LLRs; written, in codeword order, if the answer
     * is usable()
     */
    harq_combination combine(const harq_transmission& tx,
                             const float* llrs,
                             std::size_t n,
                             float* combined);

    /*!
     * \brief Store a transmission whose block did not decode.
     *
     * \param tx, llrs, n as given to combine()
     * \param combined, combination as combine() answered
     * \returns kept, repeated (it is stored already), full, too_many, duplicate (the
     * block has been acknowledged meanwhile), stale, or the reason of a refusal
     */
    harq_outcome keep(const harq_transmission& tx,
                      const float* llrs,
                      std::size_t n,
                      const float* combined,
                      const harq_combination& combination);

    /*!
     * \brief Free and acknowledge a block whose CRC passed, stored or not.
     *
     * \returns released; duplicate when it has been before; stale when a newer block is
     * known (what is stored is the newer one's and stays); or the reason of a refusal
     */
    harq_outcome release(const harq_transmission& tx);

    //! Whether anything of the transmission's block is stored.
    bool holds(const harq_transmission& tx) const;

    //! The attempts of the transmission's block that are stored, bit a for attempt a.
    std::uint32_t stored_attempts(const harq_transmission& tx) const;

    //! Drop what is known of a user, as when it leaves. Unknown user: no effect.
    void forget(std::uint32_t user);

    //! Drop everything known. Counters and the peak stay.
    void clear();

    /*!
     * \brief Store with another codec from now on; what is stored decodes with its own.
     *
     * Up to max_codecs codecs are held while bodies of theirs are stored. One more takes
     * the place of the one with the fewest bodies, whose blocks are dropped and counted
     * (\c codec_evicted).
     * \throws std::invalid_argument as the constructor; the store is then as before
     */
    void set_codec(std::unique_ptr<softbit_codec> codec);
    const softbit_codec& codec() const;

    std::uint32_t users() const;
    std::uint32_t processes() const;
    std::size_t n_llrs() const { return d_sum.size(); }
    storage_mode storage() const { return d_storage; }
    const harq_counters& counters() const { return d_counters; }

    std::size_t budget_bytes() const;
    std::size_t
    bytes_in_use() const;            //!< bodies and their records, at most budget_bytes()
    std::size_t peak_bytes() const;  //!< the most that bytes_in_use() has been
    std::size_t bodies() const;      //!< stored bodies
    std::size_t body_bytes() const;  //!< bytes_in_use() without the records
    std::size_t table_bytes() const; //!< protocol state beside the budget
    static std::size_t
    record_overhead(); //!< bytes of the budget that each body takes beside its own

private:
    harq_process& process_of(const harq_transmission& tx);
    std::size_t first_place(const harq_process& p) const;

    harq_outcome look_up(const harq_transmission& tx, harq_combination& answer) const;
    bool add_stored(const harq_process& p, float* codeword);
    harq_outcome keep_checked(const harq_transmission& tx,
                              const float* llrs,
                              const float* combined,
                              const harq_combination& combination);
    harq_outcome keep_combined(harq_process& p,
                               const harq_transmission& tx,
                               const float* llrs,
                               const float* combined,
                               std::uint32_t attempts);
    harq_outcome
    keep_transmission(harq_process& p, const harq_transmission& tx, const float* llrs);
    bool count_stored(std::size_t bytes);
    void begin_block(harq_process& p, const harq_transmission& tx);
    bool drop(harq_process& p);
    void evict_codec(unsigned index);

    const storage_mode d_storage;
    const unsigned d_places_per_process;
    std::unique_ptr<harq_process_table> d_table;
    std::unique_ptr<transmission_memory> d_memory;
    std::vector<float> d_sum; //!< scratch, in codeword order
    harq_counters d_counters;
};

//! "combined" or "per_transmission". \throws std::invalid_argument for any other text
FEWBIT_ALGORITHMS_API harq_store::storage_mode harq_storage_mode(const std::string& name);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_SOFTBITS_HARQ_STORE_H */

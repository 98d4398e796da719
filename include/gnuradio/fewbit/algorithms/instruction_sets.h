/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_INSTRUCTION_SETS_H
#define INCLUDED_FEWBIT_ALGORITHMS_INSTRUCTION_SETS_H

#include <gnuradio/fewbit/algorithms/api.h>
#include <string>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

/*! \brief Instruction sets that this processor has and the kernels were compiled for, best first.
 *
 * Names are Highway's own ("AVX3", "AVX2", "SSE4", "SSSE3", "SSE2", "NEON", ...).
 */
FEWBIT_ALGORITHMS_API std::vector<std::string> instruction_sets();

/*! \brief Make every kernel of this process use the named instruction set from its next call on.
 *
 * For tests and benchmarks: the kernels choose the best one by themselves. An empty name gives
 * the choice back to them. Not to be called while a kernel is running in another thread.
 * \throws std::invalid_argument when the name is none of instruction_sets()
 */
FEWBIT_ALGORITHMS_API void use_instruction_set(const std::string& name);

/*! \brief Whether kernels of whole numbers may use a dot product instruction beside AVX3 (VNNI).
 *
 * Where the processor has it, they do from the start; results are the same bits either way.
 * For tests, as use_instruction_set().
 */
FEWBIT_ALGORITHMS_API void use_dot_product_instruction(bool use);

} // namespace algorithms
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_ALGORITHMS_INSTRUCTION_SETS_H */

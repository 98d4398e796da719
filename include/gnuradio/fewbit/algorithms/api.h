/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_ALGORITHMS_API_H
#define INCLUDED_FEWBIT_ALGORITHMS_API_H

// Marks what libfewbit-algorithms exports. This header, like every one beside and below it,
// knows no GNU Radio.
#define FEWBIT_ALGORITHMS_API __attribute__((visibility("default")))

#endif /* INCLUDED_FEWBIT_ALGORITHMS_API_H */

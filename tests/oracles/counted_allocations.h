/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_TESTS_COUNTED_ALLOCATIONS_H
#define INCLUDED_FEWBIT_TESTS_COUNTED_ALLOCATIONS_H

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

// Counts every allocation of the program. For one source file of a test program, whose operator
// new this replaces.

//! Allocations so far, of all threads.
static std::atomic<std::size_t> allocations{0};

static void* counted(std::size_t size, std::size_t alignment)
{
    allocations++;
    void* memory =
        std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (!memory)
        throw std::bad_alloc();
    return memory;
}

void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment)
{
    return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept
{
    std::free(memory);
}

#endif /* INCLUDED_FEWBIT_TESTS_COUNTED_ALLOCATIONS_H */

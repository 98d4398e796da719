/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef INCLUDED_FEWBIT_KERNELS_ALIGNED_VECTOR_H
#define INCLUDED_FEWBIT_KERNELS_ALIGNED_VECTOR_H

#include <cstddef>
#include <new>
#include <vector>

namespace gr {
namespace fewbit {
namespace kernels {

//! Allocates at the start of a cache line, which is also the longest vector's alignment.
template <typename T>
struct aligned_allocator {
    using value_type = T;
    static constexpr std::align_val_t alignment{64};

    aligned_allocator() = default;
    template <typename U>
    aligned_allocator(const aligned_allocator<U>&) noexcept
    {
    }

    T* allocate(std::size_t n)
    {
        return static_cast<T*>(::operator new(n * sizeof(T), alignment));
    }
    void deallocate(T* p, std::size_t) noexcept { ::operator delete(p, alignment); }

    template <typename U>
    bool operator==(const aligned_allocator<U>&) const noexcept
    {
        return true;
    }
    template <typename U>
    bool operator!=(const aligned_allocator<U>&) const noexcept
    {
        return false;
    }
};

//! What kernels load from and store to.
template <typename T>
using aligned_vector = std::vector<T, aligned_allocator<T>>;

//! \p n columns of floats, rounded up so that every row of a matrix begins aligned.
constexpr std::size_t aligned_stride(std::size_t n) { return (n + 15) / 16 * 16; }

} // namespace kernels
} // namespace fewbit
} // namespace gr

#endif /* INCLUDED_FEWBIT_KERNELS_ALIGNED_VECTOR_H */

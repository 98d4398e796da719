/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/linear_algebra.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace gr {
namespace fewbit {
namespace algorithms {

bool cholesky(double* a, std::size_t n) noexcept
{
    for (std::size_t r = 0; r < n; r++) {
        double* row = a + r * n;
        const double diagonal = row[r];
        for (std::size_t c = 0; c < r; c++) {
            const double* other = a + c * n;
            double sum = row[c];
            for (std::size_t i = 0; i < c; i++)
                sum -= row[i] * other[i];
            row[c] = sum / other[c];
        }
        double pivot = diagonal;
        for (std::size_t i = 0; i < r; i++)
            pivot -= row[i] * row[i];
        if (!(pivot > 1e-13 * diagonal) || !std::isfinite(pivot))
            return false;
        row[r] = std::sqrt(pivot);
    }
    return true;
}

void cholesky_solve(const double* l, std::size_t n, double* x) noexcept
{
    for (std::size_t r = 0; r < n; r++) {
        for (std::size_t i = 0; i < r; i++)
            x[r] -= l[r * n + i] * x[i];
        x[r] /= l[r * n + r];
    }
    for (std::size_t r = n; r-- > 0;) {
        x[r] /= l[r * n + r];
        for (std::size_t i = 0; i < r; i++) // row by row, as L lies
            x[i] -= l[r * n + i] * x[r];
    }
}

namespace {

using rows_of_vectors = std::vector<std::vector<double>>;

double dot(const std::vector<double>& a, const std::vector<double>& b)
{
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Rotates two vectors so that they become orthogonal; false if they were already.
bool orthogonalise(std::vector<double>& a, std::vector<double>& b)
{
    const double aa = dot(a, a), bb = dot(b, b), ab = dot(a, b);
    if (std::abs(ab) <= 1e-15 * std::sqrt(aa * bb))
        return false;
    const double zeta = (bb - aa) / (2 * ab);
    const double t = std::copysign(1.0, zeta) / (std::abs(zeta) + std::hypot(1.0, zeta));
    const double c = 1 / std::hypot(1.0, t), s = c * t;
    for (std::size_t i = 0; i < a.size(); i++) {
        const double x = a[i], y = b[i];
        a[i] = c * x - s * y;
        b[i] = s * x + c * y;
    }
    return true;
}

// What is left of a vector without its parts along the others, at unit length; false if
// nothing much is. Twice, since once leaves rounding errors.
bool complete(std::vector<double> candidate, rows_of_vectors& basis)
{
    for (int pass = 0; pass < 2; pass++)
        for (const auto& known : basis) {
            const double along = dot(candidate, known);
            for (std::size_t i = 0; i < candidate.size(); i++)
                candidate[i] -= along * known[i];
        }
    const double length = std::sqrt(dot(candidate, candidate));
    if (!(length > 1e-3 / std::sqrt(candidate.size())))
        return false;
    for (double& x : candidate)
        x /= length;
    basis.push_back(std::move(candidate));
    return true;
}

} // namespace

matrix left_singular_vectors(const matrix& a, std::size_t count)
{
    rows_of_vectors columns(a.columns, std::vector<double>(a.rows));
    for (std::size_t r = 0; r < a.rows; r++)
        for (std::size_t c = 0; c < a.columns; c++)
            columns[c][r] = a.at(r, c);
    bool changed = true;
    for (int sweep = 0; changed && sweep < 60; sweep++) {
        changed = false;
        for (std::size_t i = 0; i < columns.size(); i++)
            for (std::size_t j = i + 1; j < columns.size(); j++)
                changed |= orthogonalise(columns[i], columns[j]);
    }
    std::sort(columns.begin(), columns.end(), [](const auto& one, const auto& other) {
        return dot(one, one) > dot(other, other);
    });

    const double largest = columns.empty() ? 0 : std::sqrt(dot(columns[0], columns[0]));
    rows_of_vectors basis;
    for (auto& column : columns) {
        const double length = std::sqrt(dot(column, column));
        if (basis.size() == count || !(length > 1e-12 * largest))
            break;
        for (double& x : column)
            x /= length;
        basis.push_back(std::move(column));
    }
    for (std::size_t i = 0; basis.size() < count && i < a.rows; i++) {
        std::vector<double> unit(a.rows);
        unit[i] = 1;
        complete(std::move(unit), basis);
    }
    matrix result(count, a.rows);
    for (std::size_t i = 0; i < basis.size(); i++)
        std::copy(basis[i].begin(), basis[i].end(), &result.at(i, 0));
    return result;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

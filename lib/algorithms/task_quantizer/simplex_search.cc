/* -*- c++ -*- */
/*
 * Copyright 2026 the gr-fewbit authors.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "algorithms/task_quantizer/simplex_search.h"

#include <algorithm>
#include <cmath>

namespace gr {
namespace fewbit {
namespace algorithms {

namespace {

using function = std::function<double(const std::vector<double>&)>;

// The simplex, best point first, and what has been spent.
class simplex
{
public:
    simplex(const function& f, const search_point& best, double step) : d_f(f)
    {
        d_points.push_back(best);
        for (std::size_t i = 0; i < best.x.size(); i++) {
            std::vector<double> x = best.x;
            x[i] += step;
            d_points.push_back(at(x));
        }
        sort();
    }

    const search_point& best() const { return d_points.front(); }
    std::size_t spent() const { return d_spent; }
    bool collapsed() const
    {
        return d_points.back().value - d_points.front().value <=
               1e-10 * (1 + std::abs(d_points.front().value));
    }

    void move()
    {
        search_point& worst = d_points.back();
        const search_point reflected = along(1);
        if (reflected.value < best().value) {
            const search_point expanded = along(2);
            worst = expanded.value < reflected.value ? expanded : reflected;
        } else if (reflected.value < d_points[d_points.size() - 2].value) {
            worst = reflected;
        } else {
            const search_point inside = along(reflected.value < worst.value ? 0.5 : -0.5);
            if (inside.value < std::min(reflected.value, worst.value))
                worst = inside;
            else
                shrink();
        }
        sort();
    }

private:
    search_point at(const std::vector<double>& x)
    {
        d_spent++;
        return {x, d_f(x)};
    }

    // From the worst point through the others' centre, and on by that factor.
    search_point along(double factor)
    {
        const std::size_t n = d_points.size() - 1;
        std::vector<double> x(n);
        for (std::size_t i = 0; i < n; i++) {
            double centre = 0;
            for (std::size_t j = 0; j < n; j++)
                centre += d_points[j].x[i] / static_cast<double>(n);
            x[i] = centre + factor * (centre - d_points.back().x[i]);
        }
        return at(x);
    }

    void shrink()
    {
        for (std::size_t j = 1; j < d_points.size(); j++) {
            std::vector<double> x = d_points[j].x;
            for (std::size_t i = 0; i < x.size(); i++)
                x[i] = 0.5 * (x[i] + best().x[i]);
            d_points[j] = at(x);
        }
    }

    void sort()
    {
        std::stable_sort(d_points.begin(), d_points.end(), [](auto& a, auto& b) {
            return a.value < b.value;
        });
    }

    const function& d_f;
    std::vector<search_point> d_points;
    std::size_t d_spent = 0;
};

} // namespace

search_point simplex_search(const function& f,
                            const std::vector<double>& start,
                            double step,
                            std::size_t evaluations)
{
    search_point best{start, f(start)};
    std::size_t spent = 1;
    while (spent < evaluations) {
        simplex s(f, best, step);
        while (!s.collapsed() && spent + s.spent() < evaluations)
            s.move();
        spent += s.spent();
        const bool stuck = best.value - s.best().value <= 1e-6;
        best = s.best();
        if (stuck)
            break;
        step *= 0.5;
    }
    return best;
}

} // namespace algorithms
} // namespace fewbit
} // namespace gr

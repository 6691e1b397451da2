// SPDX-License-Identifier: Apache-2.0
#include "plain_statistics.hpp"

#include <algorithm>
#include <cmath>

namespace ballast::plain {

namespace {

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t n = values.size();
    if (n % 2 == 1) return values[n / 2];
    const double low = values[n / 2 - 1];
    const double high = values[n / 2];
    return low + 0.5 * (high - low);
}

double round_half_up(double x) { return std::floor(x + 0.5); }

// Weighted least squares; the value of the line at any x.
struct Line {
    double intercept = 0.0, slope = 0.0;
    [[nodiscard]] double at(double x) const { return intercept + slope * x; }
};

Line fit(const std::vector<double>& y, const std::vector<double>& weights) {
    double sum = 0.0, sum_x = 0.0, sum_y = 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        sum += weights[i];
        sum_x += weights[i] * static_cast<double>(i + 1);
        sum_y += weights[i] * y[i];
    }
    double sxx = 0.0, sxy = 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double dx = static_cast<double>(i + 1) - sum_x / sum;
        sxx += weights[i] * dx * dx;
        sxy += weights[i] * dx * (y[i] - sum_y / sum);
    }
    Line line;
    line.slope = sxx > 0.0 ? sxy / sxx : 0.0;
    line.intercept = sum_y / sum - line.slope * (sum_x / sum);
    return line;
}

}  // namespace

double interquartile_range(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const double n = static_cast<double>(values.size());
    const auto q1 = static_cast<std::size_t>(round_half_up(0.25 * (n + 1.0)) - 1.0);
    const auto q3 = static_cast<std::size_t>(round_half_up(0.75 * (n + 1.0)) - 1.0);
    return values[q3] - values[q1];
}

double median_absolute_deviation(std::vector<double> values) {
    const double middle = median(values);
    for (double& value : values) value = std::abs(middle - value);
    return median(values);
}

double line_at(const std::vector<double>& y, double x) {
    double n = 0.0, xbar = 0.0, ybar = 0.0, sxx = 0.0, sxy = 0.0, sum_x = 0.0, sum_y = 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double xi = static_cast<double>(i + 1);
        if (n == 0.0) {
            xbar = xi;
            ybar = y[i];
        } else {
            const double f1 = 1.0 + n;
            const double f2 = n / (1.0 + n);
            const double dx = xi - xbar;
            const double dy = y[i] - ybar;
            sxx += dx * dx * f2;
            sxy += dx * dy * f2;
            xbar += dx / f1;
            ybar += dy / f1;
        }
        sum_x += xi;
        sum_y += y[i];
        n += 1.0;
    }
    const double b = sxy / sxx;
    const double a = (sum_y - b * sum_x) / n;
    return a + b * x;
}

double weighted_line_at(const std::vector<double>& y, double x, bool robust) {
    const std::size_t n = y.size();
    std::vector<double> weights(n);
    for (std::size_t i = 0; i < n; ++i) {
        const double u = static_cast<double>(n - 1 - i) / static_cast<double>(n - 1);
        weights[i] = std::pow(1.0 - u * u * u, 3.0);
    }
    weights[0] = std::max(weights[0], 1e-3);
    Line line = fit(y, weights);
    if (!robust) return line.at(x);
    std::vector<double> residuals(n);
    for (std::size_t i = 0; i < n; ++i) residuals[i] = std::abs(y[i] - line.at(static_cast<double>(i + 1)));
    const double scale = 6.0 * median(residuals);
    if (scale <= 0.0) return line.at(x);
    for (std::size_t i = 0; i < n; ++i) {
        const double u = residuals[i] / scale;
        weights[i] *= u < 1.0 ? (1.0 - u * u) * (1.0 - u * u) : 0.0;
    }
    return fit(y, weights).at(x);
}

std::optional<double> r_squared(const std::vector<double>& y, const std::vector<std::vector<double>>& others) {
    const std::size_t m = y.size();
    std::vector<std::vector<double>> design{std::vector<double>(m, 1.0)};  // by column
    design.insert(design.end(), others.begin(), others.end());
    const std::size_t n = design.size();

    std::vector<std::vector<double>> q = design;
    std::vector<double> diagonal(n);
    for (std::size_t k = 0; k < n; ++k) {
        double s = 0.0;
        for (std::size_t row = k; row < m; ++row) s += q[k][row] * q[k][row];
        const double a = q[k][k] > 0.0 ? -std::sqrt(s) : std::sqrt(s);
        diagonal[k] = a;
        if (a == 0.0) return std::nullopt;
        q[k][k] -= a;
        for (std::size_t c = k + 1; c < n; ++c) {
            double alpha = 0.0;
            for (std::size_t row = k; row < m; ++row) alpha -= q[c][row] * q[k][row];
            alpha /= a * q[k][k];
            for (std::size_t row = k; row < m; ++row) q[c][row] -= alpha * q[k][row];
        }
    }

    std::vector<double> qty = y;
    for (std::size_t k = 0; k < n; ++k) {
        double dot = 0.0;
        for (std::size_t row = k; row < m; ++row) dot += qty[row] * q[k][row];
        dot /= diagonal[k] * q[k][k];
        for (std::size_t row = k; row < m; ++row) qty[row] += dot * q[k][row];
    }
    std::vector<double> b(n);
    for (std::size_t k = n; k-- > 0;) {
        qty[k] /= diagonal[k];
        b[k] = qty[k];
        for (std::size_t row = 0; row < k; ++row) qty[row] -= b[k] * q[k][row];
    }

    double rss = 0.0;
    for (std::size_t row = 0; row < m; ++row) {
        double fitted = 0.0;
        for (std::size_t c = 0; c < n; ++c) fitted += design[c][row] * b[c];
        rss += (y[row] - fitted) * (y[row] - fitted);
    }
    double count = 0.0, mean_y = 0.0, tss = 0.0;
    for (const double value : y) {
        count += 1.0;
        const double dev = value - mean_y;
        mean_y += dev / count;
        tss += (count - 1.0) * dev * (dev / count);
    }
    return 1.0 - rss / tss;
}

double mean(const std::vector<double>& values) {
    double sum = 0.0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

double stdev(const std::vector<double>& values) {
    if (values.size() < 2) return std::nan("");
    double running = mean(values), s = 0.0, n = 0.0;
    for (const double value : values) {
        n += 1.0;
        const double delta = value - running;
        running += delta / n;
        s += delta * (value - running);
    }
    return std::sqrt(s / (n - 1.0));
}

}  // namespace ballast::plain

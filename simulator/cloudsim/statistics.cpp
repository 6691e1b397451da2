// SPDX-License-Identifier: Apache-2.0
#include "simulator/cloudsim/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace ballast::cloudsim {

namespace {

struct Line {
    double intercept = 0.0;
    double slope = 0.0;
};

Line weighted_line(std::span<const double, regression_samples> y, const RegressionWeights& weights) {
    double sum = 0.0, sum_x = 0.0, sum_y = 0.0;
    for (std::size_t i = 0; i < regression_samples; ++i) {
        sum += weights[i];
        sum_x += weights[i] * static_cast<double>(i + 1);
        sum_y += weights[i] * y[i];
    }
    const double mean_x = sum_x / sum;
    const double mean_y = sum_y / sum;
    double sxx = 0.0, sxy = 0.0;
    for (std::size_t i = 0; i < regression_samples; ++i) {
        const double dx = static_cast<double>(i + 1) - mean_x;
        sxx += weights[i] * dx * dx;
        sxy += weights[i] * dx * (y[i] - mean_y);
    }
    const double slope = sxx > 0.0 ? sxy / sxx : 0.0;
    return {mean_y - slope * mean_x, slope};
}

// T(u) = (1 - |u|^3)^3 of the distance from the newest observation, in spans of the whole.
RegressionWeights tricube() {
    RegressionWeights weights{};
    for (std::size_t i = 0; i < regression_samples; ++i) {
        const double u = static_cast<double>(regression_samples - 1 - i) / (regression_samples - 1);
        weights[i] = std::pow(1.0 - u * u * u, 3.0);
    }
    weights[0] = std::max(weights[0], 1e-3);  // the farthest has distance 1, so no weight at all
    return weights;
}

// Brings the value of this rank to its place, smaller ones before it.
double at_rank(std::span<double> values, std::size_t rank) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank), values.end());
    return values[rank];
}

double median(std::span<double> values) {
    const std::size_t half = values.size() / 2;
    const double high = at_rank(values, half);
    if (values.size() % 2 == 1) return high;
    const double low = *std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(half));
    return low + 0.5 * (high - low);
}

std::size_t rank(double fraction, std::size_t n) {
    return static_cast<std::size_t>(std::floor(fraction * static_cast<double>(n + 1) + 0.5)) - 1;
}

// 1 - RSS / TSS of one history on the others and a constant; nothing where the design is singular.
class Regression {
  public:
    Regression(std::size_t samples, std::size_t others) : m_(samples), n_(others + 1), columns_(m_ * n_), q_(m_ * n_) {
        diagonal_.resize(n_);
        rhs_.resize(m_);
        coefficients_.resize(n_);
    }

    std::optional<double> r_squared(std::span<const std::span<const double>> histories, std::size_t of) {
        fill(histories, of);
        if (!decompose()) return std::nullopt;
        const std::span<const double> y = histories[of];
        solve(y);
        return 1.0 - residual_sum(y) / total_sum(y);
    }

  private:
    void fill(std::span<const std::span<const double>> histories, std::size_t of) {
        std::fill_n(columns_.begin(), m_, 1.0);
        std::size_t column = 1;
        for (std::size_t j = 0; j < histories.size(); ++j) {
            if (j == of) continue;
            std::copy_n(histories[j].begin(), m_, columns_.begin() + static_cast<std::ptrdiff_t>(column * m_));
            ++column;
        }
        q_ = columns_;
    }

    bool decompose() {
        for (std::size_t k = 0; k < n_; ++k) {
            double* pivot_column = &q_[k * m_];
            double norm = 0.0;
            for (std::size_t row = k; row < m_; ++row) norm += pivot_column[row] * pivot_column[row];
            const double a = pivot_column[k] > 0.0 ? -std::sqrt(norm) : std::sqrt(norm);
            diagonal_[k] = a;
            if (a == 0.0) return false;
            pivot_column[k] -= a;
            for (std::size_t c = k + 1; c < n_; ++c) {
                double* column = &q_[c * m_];
                double alpha = 0.0;
                for (std::size_t row = k; row < m_; ++row) alpha -= column[row] * pivot_column[row];
                alpha /= a * pivot_column[k];
                for (std::size_t row = k; row < m_; ++row) column[row] -= alpha * pivot_column[row];
            }
        }
        return true;
    }

    void solve(std::span<const double> y) {
        std::copy_n(y.begin(), m_, rhs_.begin());
        for (std::size_t k = 0; k < n_; ++k) {
            const double* column = &q_[k * m_];
            double dot = 0.0;
            for (std::size_t row = k; row < m_; ++row) dot += rhs_[row] * column[row];
            dot /= diagonal_[k] * column[k];
            for (std::size_t row = k; row < m_; ++row) rhs_[row] += dot * column[row];
        }
        for (std::size_t row = n_; row-- > 0;) {
            rhs_[row] /= diagonal_[row];
            const double value = rhs_[row];
            coefficients_[row] = value;
            for (std::size_t i = 0; i < row; ++i) rhs_[i] -= value * q_[row * m_ + i];
        }
    }

    double residual_sum(std::span<const double> y) const {
        double sum = 0.0;
        for (std::size_t row = 0; row < m_; ++row) {
            double fitted = 0.0;
            for (std::size_t c = 0; c < n_; ++c) fitted += columns_[c * m_ + row] * coefficients_[c];
            const double residual = y[row] - fitted;
            sum += residual * residual;
        }
        return sum;
    }

    double total_sum(std::span<const double> y) const {
        double n = 0.0, mean = 0.0, m2 = 0.0;
        for (std::size_t row = 0; row < m_; ++row) {
            n += 1.0;
            const double deviation = y[row] - mean;
            const double step = deviation / n;
            mean += step;
            m2 += (n - 1.0) * deviation * step;
        }
        return m2;
    }

    std::size_t m_;
    std::size_t n_;
    std::vector<double> columns_;
    std::vector<double> q_;
    std::vector<double> diagonal_;
    std::vector<double> rhs_;
    std::vector<double> coefficients_;
};

}  // namespace

double regression_forecast(std::span<const double, regression_samples> y, double x) {
    double sum_x = 0.0, sum_y = 0.0, sxx = 0.0, sxy = 0.0, mean_x = 0.0, mean_y = 0.0;
    for (std::size_t i = 0; i < regression_samples; ++i) {
        const double xi = static_cast<double>(i + 1);
        if (i == 0) {
            mean_x = xi;
            mean_y = y[0];
        } else {
            const double count = static_cast<double>(i);
            const double f1 = 1.0 + count;
            const double f2 = count / (1.0 + count);
            const double dx = xi - mean_x;
            const double dy = y[i] - mean_y;
            sxx += dx * dx * f2;
            sxy += dx * dy * f2;
            mean_x += dx / f1;
            mean_y += dy / f1;
        }
        sum_x += xi;
        sum_y += y[i];
    }
    const double slope = sxy / sxx;
    const double intercept = (sum_y - slope * sum_x) / static_cast<double>(regression_samples);
    return intercept + slope * x;
}

double weighted_forecast(std::span<const double, regression_samples> y, double x, bool robust) {
    RegressionWeights weights = tricube();
    Line line = weighted_line(y, weights);
    if (robust) {
        std::array<double, regression_samples> residual{};
        for (std::size_t i = 0; i < regression_samples; ++i) {
            residual[i] = std::abs(y[i] - (line.intercept + line.slope * static_cast<double>(i + 1)));
        }
        auto ordered = residual;
        const double scale = 6.0 * median(ordered);
        if (scale > 0.0) {
            for (std::size_t i = 0; i < regression_samples; ++i) {
                const double u = residual[i] / scale;
                weights[i] *= u < 1.0 ? (1.0 - u * u) * (1.0 - u * u) : 0.0;
            }
            line = weighted_line(y, weights);
        }
    }
    return line.intercept + line.slope * x;
}

RegressionWeights forecast_factors(double x) {
    RegressionWeights factors{};
    const double n = regression_samples;
    const double mean_x = (n + 1.0) / 2.0;
    const double sxx = n * (n * n - 1.0) / 12.0;
    for (std::size_t i = 0; i < regression_samples; ++i) {
        factors[i] = 1.0 / n + (x - mean_x) * (static_cast<double>(i + 1) - mean_x) / sxx;
    }
    return factors;
}

double interquartile_range(std::span<double> values) {
    const std::size_t upper = rank(0.75, values.size());
    const double high = at_rank(values, upper);
    return high - at_rank(values.first(upper), rank(0.25, values.size()));
}

double median_absolute_deviation(std::span<double> values) {
    const double middle = median(values);
    for (double& value : values) value = std::abs(middle - value);
    return median(values);
}

std::size_t most_correlated(std::span<const std::span<const double>> histories) {
    const std::size_t n = histories.size();
    if (n < 2 || n > histories.front().size()) return none;
    Regression regression(histories.front().size(), n - 1);
    constexpr double smallest = 4.9e-324;
    double best = smallest;
    std::size_t found = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const std::optional<double> r2 = regression.r_squared(histories, i);
        if (!r2) return none;
        if (*r2 > best) {
            best = *r2;
            found = i;
        }
    }
    return found;
}

}  // namespace ballast::cloudsim

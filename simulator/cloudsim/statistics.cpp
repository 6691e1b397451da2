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

// 1 - RSS / TSS of each history on the others and a constant.
//
// The regressions of VM 0, VM 1 … have the first columns of their designs in common, and the Householder steps of a
// column do not depend on those after it: `shared_` has a constant and all histories, with the steps of the constant
// and of the VMs before the current one done; only those after it are done for each VM anew. A row lies together, so
// that a step works on many columns at once; each column's own sums keep their order.
class Regressions {
  public:
    explicit Regressions(std::span<const std::span<const double>> histories)
        : m_(histories.front().size()),
          n_(histories.size()),
          width_(n_ + 1),
          histories_(histories),
          shared_(m_ * width_),
          diagonal_(n_),
          alpha_(width_),
          pivot_(m_),
          coefficients_(n_) {
        for (std::size_t row = 0; row < m_; ++row) {
            shared_[row * width_] = 1.0;
            for (std::size_t j = 0; j < n_; ++j) shared_[row * width_ + j + 1] = histories[j][row];
        }
    }

    // To be called for 0, 1 … in turn. Nothing where the design is singular; then there is no next.
    std::optional<double> r_squared(std::size_t of) {
        if (!step(shared_, of, of)) return std::nullopt;
        own_ = shared_;
        for (std::size_t k = of + 1; k < n_; ++k) {
            if (!step(own_, k + 1, k)) return std::nullopt;
            step_of_observations(of, k);
        }
        solve(of);
        const std::span<const double> y = histories_[of];
        return 1.0 - residual_sum(y, of) / total_sum(y);
    }

  private:
    // Householder step number k, of this column, on all columns after it.
    bool step(std::vector<double>& q, std::size_t column, std::size_t k) {
        double norm = 0.0;
        for (std::size_t row = k; row < m_; ++row) {
            pivot_[row] = q[row * width_ + column];
            norm += pivot_[row] * pivot_[row];
        }
        const double a = pivot_[k] > 0.0 ? -std::sqrt(norm) : std::sqrt(norm);
        diagonal_[k] = a;
        if (a == 0.0) return false;
        pivot_[k] -= a;
        std::fill(alpha_.begin(), alpha_.end(), 0.0);
        for (std::size_t row = k; row < m_; ++row) {
            const double* values = &q[row * width_];
            for (std::size_t c = column + 1; c < width_; ++c) alpha_[c] -= values[c] * pivot_[row];
        }
        for (std::size_t c = column + 1; c < width_; ++c) alpha_[c] /= a * pivot_[k];
        for (std::size_t row = k; row < m_; ++row) {
            double* values = &q[row * width_];
            for (std::size_t c = column + 1; c < width_; ++c) values[c] -= alpha_[c] * pivot_[row];
        }
        return true;
    }

    // The last step() on the history to be explained, which is before the column of that step.
    void step_of_observations(std::size_t of, std::size_t k) {
        double* y = &own_[of + 1];
        double alpha = 0.0;
        for (std::size_t row = k; row < m_; ++row) alpha -= y[row * width_] * pivot_[row];
        alpha /= diagonal_[k] * pivot_[k];
        for (std::size_t row = k; row < m_; ++row) y[row * width_] -= alpha * pivot_[row];
    }

    // The column of the design's k-th variable; variable 0 is the constant.
    [[nodiscard]] static std::size_t column_of(std::size_t k, std::size_t of) { return k <= of ? k : k + 1; }

    void solve(std::size_t of) {
        double* y = &own_[of + 1];
        for (std::size_t k = n_; k-- > 0;) {
            const double value = y[k * width_] / diagonal_[k];
            coefficients_[k] = value;
            for (std::size_t row = 0; row < k; ++row) {
                y[row * width_] -= value * own_[row * width_ + column_of(k, of)];
            }
        }
    }

    [[nodiscard]] double residual_sum(std::span<const double> y, std::size_t of) const {
        double sum = 0.0;
        for (std::size_t row = 0; row < m_; ++row) {
            double fitted = coefficients_[0];
            for (std::size_t k = 1; k < n_; ++k) fitted += histories_[column_of(k, of) - 1][row] * coefficients_[k];
            const double residual = y[row] - fitted;
            sum += residual * residual;
        }
        return sum;
    }

    static double total_sum(std::span<const double> y) {
        double n = 0.0, mean = 0.0, m2 = 0.0;
        for (const double value : y) {
            n += 1.0;
            const double deviation = value - mean;
            const double step = deviation / n;
            mean += step;
            m2 += (n - 1.0) * deviation * step;
        }
        return m2;
    }

    std::size_t m_;      // samples
    std::size_t n_;      // VMs, which is also the number of variables: the constant and all VMs but one
    std::size_t width_;  // of a row: the constant and all VMs
    std::span<const std::span<const double>> histories_;
    std::vector<double> shared_;
    std::vector<double> own_;
    std::vector<double> diagonal_;
    std::vector<double> alpha_;
    std::vector<double> pivot_;
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
    Regressions regressions(histories);
    constexpr double smallest = 4.9e-324;
    double best = smallest;
    std::size_t found = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const std::optional<double> r2 = regressions.r_squared(i);
        if (!r2) return none;
        if (*r2 > best) {
            best = *r2;
            found = i;
        }
    }
    return found;
}

}  // namespace ballast::cloudsim

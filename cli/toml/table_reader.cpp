// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/table_reader.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <sstream>

namespace ballast::toml_io {

namespace {

std::string place(const std::string& file, const toml::source_region& source) {
    return file + ":" + std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column);
}

std::string compact(double value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

}  // namespace

struct Document::Impl {
    std::string name;
    toml::table root;
    std::optional<Error> error;
};

struct TableReader::Impl {
    std::shared_ptr<Document::Impl> document;
    const toml::table* table = nullptr;
    std::string path;  // "[[host]]", empty for the root
    std::vector<std::string> asked;

    const toml::node* find(const char* key) {
        if (std::find(asked.begin(), asked.end(), key) == asked.end()) asked.emplace_back(key);
        return table->get(key);
    }
    void fail_at(const toml::source_region& where, const std::string& problem) const {
        if (document->error) return;
        document->error = Error{ErrorKind::usage, place(document->name, where) + ": " + problem};
    }
    void wrong_type(const char* key, const toml::node& node, const char* expected) const {
        fail_at(node.source(), "\"" + std::string(key) + "\" must be " + expected);
    }
};

Result<Document> Document::load(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file) text << file.rdbuf();
    if (!file) return fail(ErrorKind::usage, path + ": the file cannot be read");
    return parse(text.str(), path);
}

Result<Document> Document::parse(std::string_view text, const std::string& name) {
    Document document;
    document.impl_ = std::make_shared<Impl>();
    document.impl_->name = name;
    try {
        document.impl_->root = toml::parse(text, name);
    } catch (const toml::parse_error& e) {
        return fail(ErrorKind::usage, place(name, e.source()) + ": not TOML: " + std::string(e.description()));
    }
    return document;
}

TableReader Document::root() const {
    auto impl = std::make_shared<TableReader::Impl>();
    impl->document = impl_;
    impl->table = &impl_->root;
    return TableReader(std::move(impl));
}

const std::optional<Error>& Document::error() const { return impl_->error; }

bool TableReader::has(const char* key) { return impl_->find(key) != nullptr; }

void TableReader::refuse(const char* key, const std::string& problem) {
    if (impl_->table->contains(key)) error(key, problem);
}

std::string TableReader::text(const char* key, std::string fallback) {
    const toml::node* node = impl_->find(key);
    if (node == nullptr) return fallback;
    if (const auto value = node->value_exact<std::string>()) return *value;
    impl_->wrong_type(key, *node, "a string");
    return fallback;
}

std::string TableReader::required_text(const char* key) {
    if (!has(key)) error(key, "the key \"" + std::string(key) + "\" is missing");
    std::string value = text(key);
    if (value.empty()) error(key, "\"" + std::string(key) + "\" must not be empty");
    return value;
}

bool TableReader::boolean(const char* key, bool fallback) {
    const toml::node* node = impl_->find(key);
    if (node == nullptr) return fallback;
    if (const auto value = node->value_exact<bool>()) return *value;
    impl_->wrong_type(key, *node, "true or false");
    return fallback;
}

double TableReader::number(const char* key, double fallback, Range range) {
    const toml::node* node = impl_->find(key);
    if (node == nullptr) return fallback;
    const auto value = node->value<double>();  // whole numbers count as numbers
    if (!value || node->is_string() || node->is_boolean()) {
        impl_->wrong_type(key, *node, "a number");
        return fallback;
    }
    if (!std::isfinite(*value) || *value < range.min || *value > range.max) {
        const std::string limit =
            std::isinf(range.max) ? compact(range.min) + " or more" : compact(range.min) + " to " + compact(range.max);
        impl_->fail_at(node->source(), "\"" + std::string(key) + "\" must be " + limit);
        return fallback;
    }
    return *value;
}

std::int64_t TableReader::whole(const char* key, std::int64_t fallback, std::int64_t min, std::int64_t max) {
    const toml::node* node = impl_->find(key);
    if (node == nullptr) return fallback;
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < min || *value > max) {
        impl_->fail_at(node->source(), "\"" + std::string(key) + "\" must be a whole number from " +
                                           std::to_string(min) + " to " + std::to_string(max));
        return fallback;
    }
    return *value;
}

std::vector<std::string> TableReader::texts(const char* key) {
    const toml::node* node = impl_->find(key);
    std::vector<std::string> values;
    if (node == nullptr) return values;
    const toml::array* array = node->as_array();
    if (array == nullptr) {
        impl_->wrong_type(key, *node, "a list of strings");
        return values;
    }
    for (const toml::node& item : *array) {
        const auto value = item.value_exact<std::string>();
        if (!value) {
            impl_->wrong_type(key, item, "a list of strings");
            return values;
        }
        values.push_back(*value);
    }
    return values;
}

std::optional<double> TableReader::time(const char* key) {
    const toml::node* node = impl_->find(key);
    if (node == nullptr) return std::nullopt;
    const auto value = node->value_exact<toml::date_time>();
    if (!value || !value->offset) {
        impl_->wrong_type(key, *node,
                          "a date and time with its offset from UTC, unquoted, such as 2026-12-01T18:00:00Z");
        return std::nullopt;
    }
    using namespace std::chrono;
    const year_month_day date{year(value->date.year), month(value->date.month), day(value->date.day)};
    const auto of_day = hours(value->time.hour) + minutes(value->time.minute) + seconds(value->time.second);
    const seconds since_1970 = sys_days(date).time_since_epoch() + of_day - minutes(value->offset->minutes);
    return static_cast<double>(since_1970.count());
}

std::vector<double> TableReader::numbers(const char* key) {
    const toml::node* node = impl_->find(key);
    std::vector<double> values;
    if (node == nullptr) return values;
    const toml::array* array = node->as_array();
    if (array == nullptr) {
        impl_->wrong_type(key, *node, "a list of numbers");
        return values;
    }
    for (const toml::node& item : *array) {
        if (!item.is_number()) {
            impl_->wrong_type(key, item, "a list of numbers");
            return values;
        }
        values.push_back(*item.value<double>());
    }
    return values;
}

std::optional<TableReader> TableReader::table(const char* key) {
    const toml::node* node = impl_->find(key);
    if (node == nullptr) return std::nullopt;
    if (!node->is_table()) {
        impl_->wrong_type(key, *node, "a table");
        return std::nullopt;
    }
    auto impl = std::make_shared<Impl>();
    impl->document = impl_->document;
    impl->table = node->as_table();
    impl->path = "[" + std::string(key) + "]";
    return TableReader(std::move(impl));
}

std::vector<TableReader> TableReader::tables(const char* key) {
    const toml::node* node = impl_->find(key);
    std::vector<TableReader> readers;
    if (node == nullptr) return readers;
    const toml::array* array = node->as_array();
    if (array == nullptr || !array->is_homogeneous(toml::node_type::table)) {
        impl_->wrong_type(key, *node, ("a list of tables: write [[" + std::string(key) + "]]").c_str());
        return readers;
    }
    for (const toml::node& item : *array) {
        auto impl = std::make_shared<Impl>();
        impl->document = impl_->document;
        impl->table = item.as_table();
        impl->path = "[[" + std::string(key) + "]]";
        readers.push_back(TableReader(std::move(impl)));
    }
    return readers;
}

void TableReader::error(const char* key, const std::string& problem) {
    const toml::node* node = impl_->table->get(key);
    impl_->fail_at(node == nullptr ? impl_->table->source() : node->source(), problem);
}

void TableReader::finish() {
    for (const auto& [key, value] : *impl_->table) {
        const std::string_view name = key.str();
        if (std::find(impl_->asked.begin(), impl_->asked.end(), name) != impl_->asked.end()) continue;
        std::vector<std::string> known = impl_->asked;
        std::sort(known.begin(), known.end());
        std::string list;
        for (const std::string& k : known) list += (list.empty() ? "" : ", ") + k;
        impl_->fail_at(key.source(), "unknown key \"" + std::string(name) + "\"" +
                                         (impl_->path.empty() ? "" : " in " + impl_->path) + "; known: " + list);
        return;
    }
}

}  // namespace ballast::toml_io

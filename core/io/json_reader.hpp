// SPDX-License-Identifier: Apache-2.0
// Reading untrusted JSON: every access names the path it failed at. For the .cpp files of this folder only (the JSON
// library's header is slow to include).
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace ballast::json {

using Json = nlohmann::ordered_json;

// Thrown and caught inside this folder only: the readers' public functions turn it into an Error.
struct ReadError {
    std::string message;
};

// The document as text. What is not UTF-8 (another program's error text, say) is replaced, not thrown over.
inline std::string dump(const Json& document, int indent = 1) {
    return document.dump(indent, ' ', false, Json::error_handler_t::replace);
}

// A value and the path that leads to it, for error messages.
class Node {
  public:
    Node(const Json& value, std::string path) : value_(&value), path_(std::move(path)) {}

    [[noreturn]] void error(const std::string& problem) const { throw ReadError{path_ + ": " + problem}; }

    [[nodiscard]] Node at(const char* key) const {
        if (!value_->is_object()) error("an object is expected");
        const auto it = value_->find(key);
        if (it == value_->end()) error("the key \"" + std::string(key) + "\" is missing");
        return {*it, path_.empty() ? std::string(key) : path_ + "." + key};
    }
    [[nodiscard]] bool has(const char* key) const {
        return value_->is_object() && value_->contains(key) && !value_->at(key).is_null();
    }
    [[nodiscard]] bool is_null() const { return value_->is_null(); }
    [[nodiscard]] std::vector<Node> items() const {
        if (!value_->is_array()) error("a list is expected");
        std::vector<Node> nodes;
        nodes.reserve(value_->size());
        for (std::size_t i = 0; i < value_->size(); ++i) {
            nodes.emplace_back((*value_)[i], path_ + "[" + std::to_string(i) + "]");
        }
        return nodes;
    }
    [[nodiscard]] std::string text() const {
        if (!value_->is_string()) error("a string is expected");
        return value_->get<std::string>();
    }
    [[nodiscard]] bool boolean() const {
        if (!value_->is_boolean()) error("true or false is expected");
        return value_->get<bool>();
    }
    [[nodiscard]] double number() const {
        if (!value_->is_number()) error("a number is expected");
        const double number = value_->get<double>();
        if (!std::isfinite(number)) error("a finite number is expected");
        return number;
    }
    [[nodiscard]] std::uint64_t whole() const {
        if (!value_->is_number_unsigned()) error("a whole number is expected");
        return value_->get<std::uint64_t>();
    }
    [[nodiscard]] std::vector<std::string> texts() const {
        std::vector<std::string> result;
        for (const Node& item : items()) result.push_back(item.text());
        return result;
    }
    // The strings of a key that older documents do not have.
    [[nodiscard]] std::vector<std::string> texts_if_any(const char* key) const {
        return has(key) ? at(key).texts() : std::vector<std::string>();
    }
    [[nodiscard]] std::string text_if_any(const char* key) const { return has(key) ? at(key).text() : std::string(); }

  private:
    const Json* value_;
    std::string path_;
};

// Parses `text` and runs `read` on its root; every failure is a usage error "<what>: <where>: <problem>".
template <typename T, typename Read>
Result<T> read_document(std::string_view text, const std::string& what, const Read& read) {
    try {
        const Json root = Json::parse(text);
        return read(Node(root, ""));
    } catch (const Json::exception& e) {
        std::string message = e.what();
        if (const auto end = message.find("] "); end != std::string::npos) message.erase(0, end + 2);
        return fail(ErrorKind::usage, what + ": " + message);
    } catch (const ReadError& e) {
        return fail(ErrorKind::usage, what + ": " + e.message);
    }
}

// Checks "format" and "version" of a document of ours.
inline void check_format(const Node& root, std::string_view format) {
    if (root.at("format").text() != format) root.at("format").error("\"" + std::string(format) + "\" is expected");
    if (root.at("version").whole() != 1) root.at("version").error("this version of ballast reads version 1");
}

// The one of `values` whose name() is the node's text.
template <typename T, std::size_t N>
T one_of(const Node& node, const T (&values)[N]) {
    const std::string text = node.text();
    std::string known;
    for (const T value : values) {
        if (name(value) == text) return value;
        known += (known.empty() ? "" : ", ") + std::string(name(value));
    }
    node.error("\"" + text + "\" is none of: " + known);
}

}  // namespace ballast::json

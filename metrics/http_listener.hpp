// SPDX-License-Identifier: Apache-2.0
// A little HTTP server for one page, with TLS and basic authentication if asked for (GNU libmicrohttpd). It answers GET
// and HEAD of the page's path; 401 without the right user and password, 404 to other paths, 405 to other methods. One
// answer per connection; a body is never read.
//
// Everything is bounded: threads, connections (in all and per address), header bytes, seconds without progress. Clients
// that say nothing keep nobody waiting.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/result.hpp"
#include "metrics/listener_options.hpp"

namespace ballast {

struct HttpPage {
    std::string path;  // "/metrics"
    std::string content_type;
    std::function<std::string()> text;  // called anew for every answer, by several threads
};

class HttpListener {
  public:
    // Listens until it is destroyed. Errors: those of check_listener_options(); refused for key and password files as
    // check_secret_file() says; usage for files that hold no certificate and its key; failed if the address cannot be
    // bound.
    [[nodiscard]] static Result<std::unique_ptr<HttpListener>> open(const ListenerOptions& options, HttpPage page);
    ~HttpListener();
    HttpListener(const HttpListener&) = delete;
    HttpListener& operator=(const HttpListener&) = delete;

    [[nodiscard]] int port() const;

  private:
    struct Impl;
    explicit HttpListener(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace ballast

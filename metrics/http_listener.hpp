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
#include <utility>

#include "core/result.hpp"
#include "metrics/listener_options.hpp"

namespace ballast {

struct HttpPage {
    std::string path;  // "/metrics"
    std::string content_type;
    std::function<std::string()> text;  // called anew for every answer, by several threads
};

// What is in the files that the options name: the certificate with its key and the password, as they are now. For
// HttpListener::renew(). Checked: it can be served with.
class ListenerSecrets {
  public:
    // Errors: those of check_listener_options(); refused for key and password files as check_secret_file() says; usage
    // for files that hold no certificate and its key.
    [[nodiscard]] static Result<ListenerSecrets> read(const ListenerOptions& options);

    // Of what was read; not to be shown to anybody.
    struct Texts {
        std::string certificate;
        std::string key;  // empty = plain HTTP
        std::string user;
        std::string password;
    };
    [[nodiscard]] const Texts& texts() const { return texts_; }

  private:
    explicit ListenerSecrets(Texts texts) : texts_(std::move(texts)) {}

    Texts texts_;
};

class HttpListener {
  public:
    // Listens until it is destroyed. Errors: those of ListenerSecrets::read(); failed if the address cannot be bound.
    [[nodiscard]] static Result<std::unique_ptr<HttpListener>> open(const ListenerOptions& options, HttpPage page);
    ~HttpListener();
    HttpListener(const HttpListener&) = delete;
    HttpListener& operator=(const HttpListener&) = delete;

    // Serves with other secrets from now on, at the same address: no connection is refused meanwhile, and what is under
    // way is finished with the old ones. Failed, and all stays as it is, if the machine has no threads or memory left.
    [[nodiscard]] Status renew(const ListenerSecrets& secrets);

    [[nodiscard]] int port() const;

  private:
    struct Impl;
    explicit HttpListener(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace ballast

// SPDX-License-Identifier: Apache-2.0
#include "metrics/http_listener.hpp"

#include <fcntl.h>
#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core/io/secret_file.hpp"
#include "metrics/listen_address.hpp"

namespace ballast {

namespace {

// One thread for a scrape and one for a person looking are plenty: none of them waits for a client.
constexpr unsigned threads = 2;
constexpr unsigned connections_max = 64;
constexpr unsigned connections_per_address_max = 8;
constexpr unsigned silence_s_max = 10;
constexpr unsigned header_bytes_max = 16 * 1024;
constexpr const char* tls_versions = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

struct Header {
    const char* name;
    const char* value;
};

MHD_Result answer(MHD_Connection* connection, unsigned status, const std::string& text,
                  std::initializer_list<Header> headers) {
    MHD_Response* const response = MHD_create_response_from_buffer(
        text.size(), const_cast<char*>(text.data()), MHD_RESPMEM_MUST_COPY);  // the interface is that of C
    if (response == nullptr) return MHD_NO;
    for (const Header& header : headers) MHD_add_response_header(response, header.name, header.value);
    const MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

// Takes the same time for every guess of the same length.
bool same(std::string_view guess, std::string_view secret) {
    volatile std::size_t different = guess.size() ^ secret.size();
    for (std::size_t i = 0; i < guess.size(); ++i) {
        different = different | static_cast<std::size_t>(guess[i] ^ secret[i % secret.size()]);
    }
    return different == 0;
}

bool are_those_of(MHD_Connection* connection, const ListenerSecrets::Texts& secrets) {
    struct Free {
        void operator()(char* text) const { MHD_free(text); }
    };
    char* said_password = nullptr;
    const std::unique_ptr<char, Free> said_user(MHD_basic_auth_get_username_password(connection, &said_password));
    const std::unique_ptr<char, Free> owner(said_password);
    if (said_user == nullptr || said_password == nullptr) return false;
    const bool right_user = same(said_user.get(), secrets.user);
    const bool right_password = same(said_password, secrets.password);
    return right_user && right_password;
}

// What the library has to say about its start, to the thread that starts it. Later it complains of clients only.
struct Complaint {
    std::thread::id starter = std::this_thread::get_id();
    std::string text;  // the first line

    static void note(void* complaint, const char* format, va_list values) {
        auto& [starter, text] = *static_cast<Complaint*>(complaint);
        std::array<char, 256> line{};
        if (std::this_thread::get_id() != starter || !text.empty()) return;
        std::vsnprintf(line.data(), line.size(), format, values);
        text = line.data();
        while (text.ends_with('\n') || text.ends_with('.')) text.pop_back();
    }
};

Result<std::string> read_pem(const std::string& what, const std::string& path) {
    std::ifstream file(path);
    if (!file) return fail(ErrorKind::usage, what + " " + path + ": " + std::strerror(errno));
    std::ostringstream text;
    if (!(text << file.rdbuf())) return fail(ErrorKind::usage, what + " " + path + " has nothing in it to be read");
    return text.str();
}

struct StopDaemon {
    void operator()(MHD_Daemon* running) const { MHD_stop_daemon(running); }
};
using Daemon = std::unique_ptr<MHD_Daemon, StopDaemon>;

// Of a daemon that serves with these; the texts must outlive it.
void add_tls(const ListenerSecrets::Texts& secrets, unsigned& flags, std::vector<MHD_OptionItem>& options) {
    if (secrets.key.empty()) return;
    flags |= MHD_USE_TLS;
    const auto add = [&](MHD_OPTION option, const char* text) {
        options.push_back({option, 0, const_cast<char*>(text)});  // it only reads them
    };
    add(MHD_OPTION_HTTPS_MEM_CERT, secrets.certificate.c_str());
    add(MHD_OPTION_HTTPS_MEM_KEY, secrets.key.c_str());
    add(MHD_OPTION_HTTPS_PRIORITIES, tls_versions);
}

Daemon start_daemon(unsigned flags, std::vector<MHD_OptionItem> options, MHD_AccessHandlerCallback handle, void* self,
                    Complaint& complaint) {
    options.push_back({MHD_OPTION_END, 0, nullptr});
    return Daemon(MHD_start_daemon(flags | MHD_USE_ERROR_LOG, 0, nullptr, nullptr, handle, self,
                                   MHD_OPTION_EXTERNAL_LOGGER, &Complaint::note, &complaint, MHD_OPTION_ARRAY,
                                   options.data(), MHD_OPTION_END));
}

MHD_Result answer_nothing(void* /*self*/, MHD_Connection* /*connection*/, const char* /*path*/, const char* /*method*/,
                          const char* /*version*/, const char* /*body*/, std::size_t* /*body_size*/,
                          void** /*request*/) {
    return MHD_NO;
}

// Whether the library takes this certificate and key, tried with a daemon that listens nowhere.
Status check_pair(const ListenerSecrets::Texts& secrets, const ListenerOptions& options) {
    if (secrets.key.empty()) return {};
    unsigned flags = MHD_USE_NO_LISTEN_SOCKET;
    std::vector<MHD_OptionItem> items;
    add_tls(secrets, flags, items);
    Complaint complaint;
    if (start_daemon(flags, std::move(items), answer_nothing, nullptr, complaint) != nullptr) return {};
    return fail(ErrorKind::usage, "certificate " + options.tls_certificate + " with key " + options.tls_key +
                                      " cannot be used: " + complaint.text +
                                      "; both must be PEM, and the key that of the first certificate");
}

// A file descriptor that is ours.
class Socket {
  public:
    explicit Socket(int fd = -1) : fd_(fd) {}
    Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (fd_ >= 0) close(fd_);
    }
    // Another descriptor of the same socket.
    [[nodiscard]] int copy() const { return fcntl(fd_, F_DUPFD_CLOEXEC, 0); }
    // Once more, if whoever had a copy has shut it down.
    void listen_again() const { static_cast<void>(listen(fd_, SOMAXCONN)); }

  private:
    int fd_;
};

// Answers with one set of secrets.
struct Server {
    const HttpPage& page;
    ListenerSecrets::Texts secrets;
    Complaint complaint;
    Socket left;    // where it listened before quiesce(); open for as long as its threads may look at it
    Daemon daemon;  // the last member: its threads use the others

    Server(const HttpPage& of, ListenerSecrets::Texts with) : page(of), secrets(std::move(with)) {}
    [[nodiscard]] Status start(int socket);
    // Takes no more connections, and finishes those it has.
    void quiesce() { left = Socket(MHD_quiesce_daemon(daemon.get())); }

  private:
    [[nodiscard]] MHD_Result answer_to(MHD_Connection* connection, std::string_view path,
                                       std::string_view method) const;
    // Answered when it is called first, before a body could follow: the library then closes the connection with the
    // answer, so nobody keeps one open past a renewal.
    static MHD_Result handle(void* server, MHD_Connection* connection, const char* path, const char* method,
                             const char* /*version*/, const char* /*body*/, std::size_t* /*body_size*/,
                             void** /*request*/) {
        try {
            return static_cast<const Server*>(server)->answer_to(connection, path, method);
        } catch (...) {  // no memory: the client gets no answer, and the balancer goes on
            return MHD_NO;
        }
    }
};

// The socket is the library's from now on, also if this fails.
Status Server::start(int socket) {
    unsigned flags = MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ITC;  // without the latter it could not be quiesced
    std::vector<MHD_OptionItem> options = {{MHD_OPTION_LISTEN_SOCKET, socket, nullptr},
                                           {MHD_OPTION_THREAD_POOL_SIZE, threads, nullptr},
                                           {MHD_OPTION_CONNECTION_LIMIT, connections_max, nullptr},
                                           {MHD_OPTION_PER_IP_CONNECTION_LIMIT, connections_per_address_max, nullptr},
                                           {MHD_OPTION_CONNECTION_TIMEOUT, silence_s_max, nullptr},
                                           {MHD_OPTION_CONNECTION_MEMORY_LIMIT, header_bytes_max, nullptr}};
    add_tls(secrets, flags, options);
    daemon = start_daemon(flags, std::move(options), &Server::handle, this, complaint);
    if (daemon == nullptr) return fail(ErrorKind::failed, complaint.text);
    return {};
}

MHD_Result Server::answer_to(MHD_Connection* connection, std::string_view path, std::string_view method) const {
    if (!secrets.user.empty() && !are_those_of(connection, secrets)) {
        return answer(connection, MHD_HTTP_UNAUTHORIZED, "user and password, please\n",
                      {{MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Basic realm=\"Ballast\", charset=\"UTF-8\""}});
    }
    if (path != page.path) return answer(connection, MHD_HTTP_NOT_FOUND, "there is only " + page.path + "\n", {});
    if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD) {
        return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "it can only be read\n",
                      {{MHD_HTTP_HEADER_ALLOW, "GET, HEAD"}});
    }
    return answer(connection, MHD_HTTP_OK, page.text(), {{MHD_HTTP_HEADER_CONTENT_TYPE, page.content_type.c_str()}});
}

}  // namespace

Result<ListenerSecrets> ListenerSecrets::read(const ListenerOptions& options) {
    if (Status ok = check_listener_options(options); !ok) return tl::unexpected(ok.error());
    Texts texts;
    if (!options.tls_key.empty()) {
        Result<std::string> certificate = read_pem("certificate file", options.tls_certificate);
        if (!certificate) return tl::unexpected(certificate.error());
        if (Status ok = check_secret_file("key file", options.tls_key); !ok) return tl::unexpected(ok.error());
        Result<std::string> key = read_pem("key file", options.tls_key);
        if (!key) return tl::unexpected(key.error());
        texts.certificate = std::move(*certificate);
        texts.key = std::move(*key);
    }
    if (!options.user.empty()) {
        Result<std::string> password = read_password(options.password_file);
        if (!password) return tl::unexpected(password.error());
        texts.user = options.user;
        texts.password = std::move(*password);
    }
    if (Status ok = check_pair(texts, options); !ok) return tl::unexpected(ok.error());
    return ListenerSecrets(std::move(texts));
}

struct HttpListener::Impl {
    HttpPage page;
    Socket socket;
    int port = 0;
    std::unique_ptr<Server> serving;
    std::unique_ptr<Server> retired;  // of before renew(), with what it has to finish; may be null

    [[nodiscard]] Status serve(const ListenerSecrets& secrets);
};

// For a moment both take connections, so that none is refused.
Status HttpListener::Impl::serve(const ListenerSecrets& secrets) {
    const int copy = socket.copy();
    if (copy < 0) return fail(ErrorKind::failed, std::strerror(errno));
    auto server = std::make_unique<Server>(page, secrets.texts());
    if (Status ok = server->start(copy); !ok) {
        socket.listen_again();  // a start that fails half way shuts the socket down, for the others as well
        return ok;
    }
    if (serving) serving->quiesce();
    retired = std::exchange(serving, std::move(server));
    return {};
}

HttpListener::HttpListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpListener::~HttpListener() = default;

Result<std::unique_ptr<HttpListener>> HttpListener::open(const ListenerOptions& options, HttpPage page) {
    const Result<ListenerSecrets> secrets = ListenerSecrets::read(options);
    if (!secrets) return tl::unexpected(secrets.error());
    const std::string who = "metrics address \"" + options.address + "\": ";
    const Result<int> socket = open_listening_socket(*parse_listen_address(options.address));
    if (!socket) {
        return fail(ErrorKind::failed,
                    who + "cannot listen there: " + socket.error().message + "; choose another address or port");
    }
    auto impl = std::make_unique<Impl>();
    impl->page = std::move(page);
    impl->socket = Socket(*socket);
    if (Status ok = impl->serve(*secrets); !ok) {
        return fail(ErrorKind::failed, who + "cannot serve there: " + ok.error().message);
    }
    impl->port = MHD_get_daemon_info(impl->serving->daemon.get(), MHD_DAEMON_INFO_BIND_PORT)->port;
    return std::unique_ptr<HttpListener>(new HttpListener(std::move(impl)));
}

Status HttpListener::renew(const ListenerSecrets& secrets) { return impl_->serve(secrets); }

int HttpListener::port() const { return impl_->port; }

}  // namespace ballast

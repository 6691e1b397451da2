// SPDX-License-Identifier: Apache-2.0
// How one host is put to sleep and woken, as the operator says it ([power] and [host.power] of the configuration).
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"

namespace ballast::power {

struct PowerOptions {
    std::string method;        // "ipmi", "redfish", "ssh", "command"; empty = none
    bool wake_tested = false;  // the operator vouches that waking works
    double timeout_s = 30.0;   // of one command or request

    // In all texts "{host}" stands for the host's name.
    std::string address;              // ipmi, redfish: of the management controller; ssh: [user@]host
    int port = 0;                     // ipmi, redfish; 0 = the usual one
    int cipher_suite = 0;             // ipmi; 0 = the best that both sides know
    std::string user;                 // ipmi, redfish
    std::string password_file;        // ipmi, redfish: its first line
    std::string ca_file;              // redfish: certificates to trust instead of the system's
    std::vector<std::string> sleep;   // command: a program and its arguments; ssh: the command on the host
    std::vector<std::string> wake;    // command
    std::vector<std::string> status;  // command; empty = cannot tell

    // Any method: woken by Wake-on-LAN instead of the method's own way.
    std::string mac;                            // of the card that is awake; empty = the method's own way
    std::string broadcast = "255.255.255.255";  // address that reaches the host's network
    int wake_port = 9;                          // UDP
};

// Of one host, with "{host}" filled in.
[[nodiscard]] PowerOptions for_host(PowerOptions options, const std::string& host);

// What is missing, contradictory or unknown, in one line: "method \"ipmi\" needs \"address\"".
[[nodiscard]] Status check_power_options(const PowerOptions& options);

}  // namespace ballast::power

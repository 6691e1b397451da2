// SPDX-License-Identifier: Apache-2.0
#include "executor/power/ipmi.hpp"

#include "core/io/secret_file.hpp"
#include "executor/program.hpp"

namespace ballast::power {

namespace {

constexpr int default_port = 623;

}  // namespace

IpmiSwitch::IpmiSwitch(const PowerOptions& options) : options_(options) {
    if (options_.port == 0) options_.port = default_port;
}

std::string IpmiSwitch::text() const { return "ipmi at " + options_.address; }

Result<std::string> IpmiSwitch::chassis_power(const char* command) const {
    if (Status ok = check_secret_file("password file", options_.password_file); !ok) return tl::unexpected(ok.error());
    std::vector<std::string> argv = {
        "ipmitool", "-I", "lanplus", "-H", options_.address, "-p", std::to_string(options_.port)};
    if (options_.cipher_suite > 0) argv.insert(argv.end(), {"-C", std::to_string(options_.cipher_suite)});
    argv.insert(argv.end(), {"-U", options_.user, "-f", options_.password_file, "chassis", "power", command});
    auto said = run_or_fail(argv, options_.timeout_s);
    if (!said) return fail(said.error().kind, text() + ": " + said.error().message);
    return said;
}

Status IpmiSwitch::sleep() {
    const auto said = chassis_power("soft");
    if (!said) return tl::unexpected(said.error());
    return {};
}

Status IpmiSwitch::wake() {
    const auto said = chassis_power("on");
    if (!said) return tl::unexpected(said.error());
    return {};
}

Result<PowerSight> IpmiSwitch::look() {
    const auto said = chassis_power("status");
    if (!said) return tl::unexpected(said.error());
    if (said->find("Chassis Power is on") != std::string::npos) return PowerSight::on;
    if (said->find("Chassis Power is off") != std::string::npos) return PowerSight::asleep;
    return fail(ErrorKind::failed, text() + ": ipmitool says neither that the power is on nor that it is off");
}

}  // namespace ballast::power

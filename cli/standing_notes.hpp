// SPDX-License-Identifier: Apache-2.0
// What stands for a while, host by host, say, as a log wants it: a line when it begins or changes, and one when it is
// over, however often it is looked at. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace ballast {

class StandingNotes {
  public:
    struct Change {
        std::string about;
        std::string text;  // what stands now; empty = what stood is over
    };
    // What is different from the last call, in the order of the keys.
    [[nodiscard]] std::vector<Change> update(std::map<std::string, std::string> now);

  private:
    std::map<std::string, std::string> last_;
};

}  // namespace ballast

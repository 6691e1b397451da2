// SPDX-License-Identifier: Apache-2.0
#include "simulator/cloudsim/options.hpp"

namespace ballast::cloudsim {

Options default_options() {
    Options options;
    options.host_types = {
        {"hp-ml110-g4", 2, 1860.0, 4096.0, 1e6, {86, 89.4, 92.6, 96, 99.5, 102, 106, 108, 112, 114, 117}},
        {"hp-ml110-g5", 2, 2660.0, 4096.0, 1e6, {93.7, 97, 101, 105, 110, 116, 121, 125, 129, 133, 135}}};
    options.vm_types = {{2500.0, 870.0, 1e5}, {2000.0, 1740.0, 1e5}, {1000.0, 1740.0, 1e5}, {500.0, 613.0, 1e5}};
    return options;
}

}  // namespace ballast::cloudsim

// The two ways a run can be refused. `run` turns them into one message and an exit status.
#pragma once

#include <stdexcept>

namespace gradc::app {

inline constexpr int kExitDone = 0;
inline constexpr int kExitWrongData = 1;
inline constexpr int kExitWrongUsage = 2;
inline constexpr int kExitInterrupted = 130;

// The data, a checkpoint, the model or the disk is not as it must be.
class DataError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The command line asks for something that there is not.
class UsageError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace gradc::app

// The folder of a run: model.safetensors and log.csv.
#pragma once

#include <string>

namespace gradc::app {

std::string checkpoint_path(const std::string& folder);
std::string log_path(const std::string& folder);

bool holds_checkpoint(const std::string& folder);

// Makes the folder, and those above it, if it is not there. Throws a DataError.
void make_folder(const std::string& folder);

// Renames what an earlier run left to model.safetensors.1, log.csv.1 and so on, so that a new run
// overwrites nothing. Throws a DataError.
void set_aside_old_run(const std::string& folder);

// Held by a training for as long as it may write to the folder, so that no other one does: a lock
// of the folder itself, which leaves no file. The kernel lets go of it when the process ends,
// however it ends. Where the file system has no such locks, it holds nobody off.
class RunLock {
 public:
  // Takes the folder, which must be there, or throws a DataError: another process has it.
  explicit RunLock(const std::string& folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int file_;
};

}  // namespace gradc::app

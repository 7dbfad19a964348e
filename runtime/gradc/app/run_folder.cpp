#include <fcntl.h>
#include <fmt/core.h>
#include <gradc/app/bpe_files.h>
#include <gradc/app/errors.h>
#include <gradc/app/run_folder.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

namespace gradc::app {
namespace fs = std::filesystem;

std::string checkpoint_path(const std::string& folder) {
  return (fs::path(folder) / "model.safetensors").string();
}

std::string log_path(const std::string& folder) { return (fs::path(folder) / "log.csv").string(); }

bool holds_checkpoint(const std::string& folder) {
  std::error_code ignored;
  return fs::exists(checkpoint_path(folder), ignored);
}

void make_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error && !fs::is_directory(folder, error)) {
    error = std::make_error_code(std::errc::not_a_directory);
  }
  if (error) throw DataError(fmt::format("{}: cannot be made: {}", folder, error.message()));
}

void set_aside_old_run(const std::string& folder) {
  std::vector<std::string> paths{checkpoint_path(folder), log_path(folder)};
  for (const char* name : {kTokenizerFile, kVocabularyFile, kMergesFile}) {
    paths.push_back((fs::path(folder) / name).string());
  }
  std::error_code error;
  const auto is_free = [&](int number) {
    for (const std::string& path : paths) {
      if (fs::exists(fmt::format("{}.{}", path, number), error)) return false;
    }
    return true;
  };
  int number = 1;
  while (!is_free(number)) ++number;
  for (const std::string& path : paths) {
    if (!fs::exists(path, error)) continue;
    fs::rename(path, fmt::format("{}.{}", path, number), error);
    if (error) throw DataError(fmt::format("{}: cannot be set aside: {}", path, error.message()));
  }
}

RunLock::RunLock(const std::string& folder)
    : file_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (file_ < 0)
    throw DataError(fmt::format("{}: cannot be locked: {}", folder, std::strerror(errno)));
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(file_);
    throw DataError(fmt::format("{}: another training is running in this folder", folder));
  }
}

RunLock::~RunLock() { ::close(file_); }

}  // namespace gradc::app

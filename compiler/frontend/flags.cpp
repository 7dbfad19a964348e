#include "frontend/flags.h"

#include <clang/Tooling/CompilationDatabase.h>
#include <clang/Tooling/JSONCompilationDatabase.h>
#include <llvm/Support/VirtualFileSystem.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string_view>

namespace gradc::frontend {
namespace {

namespace fs = std::filesystem;
using std::string_view;

enum class Verdict { kKeep, kKeepFolder, kDrop, kRefuse };

// A flag is known by its beginning. `joined` flags carry their value after it (-DX, -std=c++20);
// `separate` ones may have it in the next argument.
struct Rule {
  string_view flag;
  Verdict verdict;
  bool joined;
  bool separate;
};

constexpr Rule kRules[] = {
    // loads code
    {"-fplugin", Verdict::kRefuse, true, false},
    {"-fpass-plugin", Verdict::kRefuse, true, false},
    {"-load", Verdict::kRefuse, true, true},
    {"-add-plugin", Verdict::kRefuse, false, true},
    {"-plugin", Verdict::kRefuse, true, true},
    {"-B", Verdict::kRefuse, true, true},
    {"--config", Verdict::kRefuse, true, true},
    {"-specs", Verdict::kRefuse, true, false},
    {"--specs", Verdict::kRefuse, true, false},
    {"-wrapper", Verdict::kRefuse, false, true},
    {"-mllvm", Verdict::kRefuse, true, true},
    {"-resource-dir", Verdict::kRefuse, true, true},
    // macros
    {"-D", Verdict::kKeep, true, true},
    {"-U", Verdict::kKeep, true, true},
    // headers
    {"-idirafter", Verdict::kKeepFolder, true, true},
    {"-include", Verdict::kKeepFolder, false, true},
    {"-imacros", Verdict::kKeepFolder, false, true},
    {"-iquote", Verdict::kKeepFolder, true, true},
    {"-isysroot", Verdict::kKeepFolder, true, true},
    {"-isystem", Verdict::kKeepFolder, true, true},
    {"-I", Verdict::kKeepFolder, true, true},
    {"--sysroot=", Verdict::kKeepFolder, true, false},
    {"--gcc-toolchain=", Verdict::kKeepFolder, true, false},
    {"--gcc-install-dir=", Verdict::kKeepFolder, true, false},
    {"-nostdinc++", Verdict::kKeep, false, false},
    {"-nostdinc", Verdict::kKeep, false, false},
    {"-stdlib=", Verdict::kKeep, true, false},
    // language
    {"-std=", Verdict::kKeep, true, false},
    {"-fexceptions", Verdict::kKeep, false, false},
    {"-fno-exceptions", Verdict::kKeep, false, false},
    {"-frtti", Verdict::kKeep, false, false},
    {"-fno-rtti", Verdict::kKeep, false, false},
    {"-fsigned-char", Verdict::kKeep, false, false},
    {"-funsigned-char", Verdict::kKeep, false, false},
    {"-pthread", Verdict::kKeep, false, false},
    // target
    {"--target=", Verdict::kKeep, true, false},
    {"-target", Verdict::kKeep, false, true},
    {"-m", Verdict::kKeep, true, false},
    // values that must not be taken for files
    {"-o", Verdict::kDrop, true, true},
    {"-x", Verdict::kDrop, true, true},
    {"-MF", Verdict::kDrop, true, true},
    {"-MT", Verdict::kDrop, true, true},
    {"-MQ", Verdict::kDrop, true, true},
    {"-MJ", Verdict::kDrop, true, true},
    {"-arch", Verdict::kDrop, false, true},
    {"-l", Verdict::kDrop, true, true},
    {"-L", Verdict::kDrop, true, true},
    {"-T", Verdict::kDrop, true, true},
    {"-u", Verdict::kDrop, false, true},
    {"-z", Verdict::kDrop, false, true},
    {"--param", Verdict::kDrop, false, true},
    {"-Xlinker", Verdict::kDrop, false, true},
    {"-Xassembler", Verdict::kDrop, false, true},
    {"-Xpreprocessor", Verdict::kDrop, false, true},
    {"-serialize-diagnostics", Verdict::kDrop, false, true},
    {"--serialize-diagnostics", Verdict::kDrop, false, true},
};

// The rule whose flag is the longest beginning of `argument`.
const Rule* rule_of(string_view argument) {
  const Rule* best = nullptr;
  for (const Rule& rule : kRules) {
    const bool matches =
        rule.joined ? argument.substr(0, rule.flag.size()) == rule.flag : argument == rule.flag;
    if (matches && (best == nullptr || rule.flag.size() > best->flag.size())) best = &rule;
  }
  return best;
}

class Filter {
 public:
  // `by_hand`: flags that the user gave to gradc, where dropping one silently would mislead.
  Filter(std::string origin, fs::path folder, bool by_hand, support::Diagnostics& diagnostics)
      : origin_(std::move(origin)),
        folder_(std::move(folder)),
        by_hand_(by_hand),
        diagnostics_(diagnostics) {}

  std::vector<std::string> operator()(const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const string_view argument = arguments[i];
      if (argument.empty() || argument == "-") continue;
      if (argument[0] == '@') {
        refuse(argument, "the response file cannot be read");
        continue;
      }
      if (argument[0] != '-') {
        if (by_hand_) complain(argument, "is no flag");
        continue;  // an input
      }
      // -Xclang hands its value to the front end: the same rules hold for it.
      if (argument == "-Xclang") {
        const Rule* rule = i + 1 < arguments.size() ? rule_of(arguments[i + 1]) : nullptr;
        if (rule != nullptr && rule->verdict == Verdict::kRefuse)
          refuse("-Xclang " + arguments[i + 1], kLoads);
        else if (by_hand_)
          complain(argument, "is not passed on to Clang");
        ++i;
        continue;
      }
      const Rule* rule = rule_of(argument);
      if (rule == nullptr) {
        if (by_hand_) complain(argument, "is not passed on to Clang");
        continue;
      }
      const bool split = rule->separate && argument.size() == rule->flag.size();
      const string_view value = split && i + 1 < arguments.size()
                                    ? string_view(arguments[i + 1])
                                    : argument.substr(rule->flag.size());
      if (split) ++i;
      take(*rule, argument, value, split);
    }
    return std::move(flags_);
  }

 private:
  static constexpr const char* kLoads = "it would load code or flags that gradc cannot check";

  void take(const Rule& rule, string_view argument, string_view value, bool split) {
    switch (rule.verdict) {
      case Verdict::kRefuse:
        return refuse(argument, kLoads);
      case Verdict::kDrop:
        if (by_hand_) complain(argument, "is not passed on to Clang");
        return;
      case Verdict::kKeep:
        flags_.emplace_back(argument);
        if (split) flags_.emplace_back(value);
        return;
      case Verdict::kKeepFolder:
        flags_.emplace_back(rule.flag);
        // "=/usr" is relative to the sysroot
        const bool relative = !value.empty() && value[0] != '/' && value[0] != '=';
        const std::string path = relative ? (folder_ / value).string() : std::string(value);
        if (split || flags_.back().back() != '=')
          flags_.push_back(path);
        else
          flags_.back() += path;
        return;
    }
  }
  void refuse(string_view argument, const char* why) {
    diagnostics_.error({origin_},
                       "refused " + std::string(argument) + " in the compile command: " + why);
  }
  void complain(string_view argument, const char* what) {
    diagnostics_.error({origin_}, std::string(argument) + " " + what);
  }

  std::string origin_;
  fs::path folder_;
  bool by_hand_;
  support::Diagnostics& diagnostics_;
  std::vector<std::string> flags_;
};

// compile_commands.json in the folder of the file or one above it.
fs::path find_upwards(const fs::path& file) {
  std::error_code ignored;
  fs::path folder = fs::absolute(file, ignored).parent_path();
  while (true) {
    if (fs::exists(folder / "compile_commands.json", ignored))
      return folder / "compile_commands.json";
    if (!folder.has_relative_path()) return {};
    folder = folder.parent_path();
  }
}

}  // namespace

std::vector<std::string> clang_flags(const Request& request, support::Diagnostics& diagnostics) {
  if (!request.flags.empty()) return Filter("", "", true, diagnostics)(request.flags);

  const bool given = !request.build_dir.empty();
  const fs::path path =
      given ? fs::path(request.build_dir) / "compile_commands.json" : find_upwards(request.file);
  if (path.empty()) return {};
  std::error_code error_code;
  if (given && !fs::exists(path, error_code)) {
    diagnostics.error({}, "there is no " + path.string());
    return {};
  }
  std::string error;
  std::unique_ptr<clang::tooling::CompilationDatabase> commands =
      clang::tooling::JSONCompilationDatabase::loadFromFile(
          path.string(), error, clang::tooling::JSONCommandLineSyntax::AutoDetect);
  if (commands == nullptr) {
    while (!error.empty() && (error.back() == '\n' || error.back() == '.')) error.pop_back();
    diagnostics.error({path.string()}, "not a list of compile commands: " + error);
    return {};
  }
  commands =
      clang::tooling::expandResponseFiles(std::move(commands), llvm::vfs::getRealFileSystem());
  const fs::path file = fs::absolute(request.file, error_code).lexically_normal();
  std::vector<clang::tooling::CompileCommand> found = commands->getCompileCommands(file.string());
  if (found.empty()) {
    if (given) diagnostics.error({path.string()}, "no command for " + request.file);
    return {};
  }
  std::vector<std::string>& line = found.front().CommandLine;
  if (!line.empty()) line.erase(line.begin());  // the compiler
  return Filter(path.string(), found.front().Directory, false, diagnostics)(line);
}

}  // namespace gradc::frontend

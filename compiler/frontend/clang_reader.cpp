#include "frontend/clang_reader.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/Basic/Version.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Frontend/Utils.h>
#include <clang/Lex/Preprocessor.h>
#include <dlfcn.h>
#include <llvm/Support/raw_ostream.h>

#include <filesystem>
#include <set>

#include "frontend/explain.h"
#include "frontend/model_macro.h"

namespace gradc::frontend {
namespace {

namespace fs = std::filesystem;

// --- The constant
// ---------------------------------------------------------------------------------

// The elements of an array up to the zeros at its end, which Clang stores as one; false if they are
// not of the kind.
template <class Append>
bool each_element(const clang::APValue& array, clang::APValue::ValueKind kind, Append append) {
  if (!array.isArray()) return false;
  for (unsigned i = 0; i < array.getArrayInitializedElts(); ++i) {
    const clang::APValue& element = array.getArrayInitializedElt(i);
    if (element.getKind() != kind) return false;
    append(element);
  }
  return true;
}

// The arrays of a gradc::FrozenModel; false if the value is something else.
bool flatten(const clang::APValue& value, Frozen& frozen) {
  using Kind = clang::APValue::ValueKind;
  if (!value.isStruct() || value.getStructNumBases() != 0 || value.getStructNumFields() != 3)
    return false;
  std::string chars;
  const bool flat = each_element(value.getStructField(0), Kind::Int,
                                 [&](const clang::APValue& word) {
                                   frozen.words.push_back(word.getInt().getExtValue());
                                 }) &&
                    each_element(value.getStructField(1), Kind::Float,
                                 [&](const clang::APValue& real) {
                                   frozen.reals.push_back(real.getFloat().convertToDouble());
                                 }) &&
                    each_element(value.getStructField(2), Kind::Int, [&](const clang::APValue& c) {
                      chars += static_cast<char>(c.getInt().getExtValue());
                    });
  frozen.text = Text(std::string_view(chars));
  return flat;
}

// --- The file
// ---------------------------------------------------------------------------------------

class Models : public clang::ASTConsumer {
 public:
  Models(clang::CompilerInstance& compiler, const Events& events)
      : compiler_(compiler), events_(events) {}

  void HandleTranslationUnit(clang::ASTContext& context) override {
    if (!compiler_.getDiagnostics().hasErrorOccurred()) visit(*context.getTranslationUnitDecl());
  }

 private:
  void visit(const clang::DeclContext& scope) {
    for (const clang::Decl* declaration : scope.decls()) {
      if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(declaration)) take(*variable);
      if (llvm::isa<clang::NamespaceDecl, clang::LinkageSpecDecl>(declaration))
        visit(*llvm::cast<clang::DeclContext>(declaration));
    }
  }

  void take(const clang::VarDecl& variable) {
    const auto* mark = variable.getAttr<clang::AnnotateAttr>();
    const clang::SourceManager& sources = compiler_.getSourceManager();
    const clang::SourceLocation location = sources.getExpansionLoc(variable.getLocation());
    if (mark == nullptr || mark->getAnnotation() != "gradc.model" ||
        !sources.isInMainFile(location))
      return;
    Event event{.kind = Event::Kind::kModel, .place = place_of(sources, location)};
    const clang::APValue* value = variable.evaluateValue();
    if (value == nullptr || !flatten(*value, event.frozen)) {
      event.kind = Event::Kind::kComplaint;
      event.text = "not declared with GRADC_MODEL of this gradc";
    }
    events_(event);
  }

  clang::CompilerInstance& compiler_;
  const Events& events_;
};

class ReadModels : public clang::ASTFrontendAction {
 public:
  ReadModels(const Request& request, const Events& events) : request_(request), events_(events) {}

 private:
  bool BeginSourceFileAction(clang::CompilerInstance& compiler) override {
    watch_models(compiler.getPreprocessor(), events_);
    return true;
  }
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler,
                                                        llvm::StringRef) override {
    return std::make_unique<Models>(compiler, events_);
  }
  void EndSourceFileAction() override {
    clang::CompilerInstance& compiler = getCompilerInstance();
    if (!compiler.getDiagnostics().hasErrorOccurred())
      warn_of_unused(compiler.getPreprocessor(), request_, events_);
    const clang::SourceManager& sources = compiler.getSourceManager();
    std::set<std::string> files;  // sorted: the order in a hash table is none
    for (auto i = sources.fileinfo_begin(); i != sources.fileinfo_end(); ++i)
      files.insert(i->first.getName().str());
    for (const std::string& file : files) events_({.kind = Event::Kind::kFile, .text = file});
  }

  const Request& request_;
  const Events& events_;
};

std::vector<std::string> command_line(const Request& request, const std::vector<std::string>& flags,
                                      const std::string& resource_dir) {
  std::vector<std::string> line = {"clang++",       "--no-default-config",
                                   "-fsyntax-only", "-resource-dir=" + resource_dir,
                                   "-std=c++20",    "-I" + request.include_dir};
  line.insert(line.end(), flags.begin(), flags.end());
  for (const std::string& folder : request.includes) line.push_back("-I" + folder);
  for (const std::string& define : request.defines) line.push_back("-D" + define);
  const Bounds& bounds = request.bounds;
  for (const std::string& flag :
       {std::string("-DGRADC_COLLECT_DIAGNOSTICS"), "-DGRADC_ROOM=" + std::to_string(bounds.steps),
        "-fconstexpr-steps=" + std::to_string(bounds.steps),
        "-fconstexpr-depth=" + std::to_string(bounds.depth),
        std::string("-fconstexpr-backtrace-limit=0"),
        std::string(
            "-Wno-invalid-constexpr"),  // seen, better explained, when the model is evaluated
        std::string("-xc++"), request.file})
    line.push_back(flag);
  return line;
}

}  // namespace

std::string find_resource_dir() {
  std::vector<fs::path> candidates = {GRADC_CLANG_RESOURCE_DIR};
  // Beside the library of Clang that is loaded: <prefix>/lib/libclang-cpp.so, lib/clang/19
  Dl_info library;
  std::error_code ignored;
  if (dladdr(reinterpret_cast<const void*>(&clang::getClangFullVersion), &library) != 0)
    candidates.push_back(fs::canonical(library.dli_fname, ignored).parent_path() / "clang" /
                         CLANG_VERSION_MAJOR_STRING);
  candidates.emplace_back("/usr/lib/llvm-" CLANG_VERSION_MAJOR_STRING
                          "/lib/clang/" CLANG_VERSION_MAJOR_STRING);
  candidates.emplace_back("/usr/lib/clang/" CLANG_VERSION_MAJOR_STRING);
  for (const fs::path& folder : candidates)
    if (fs::exists(folder / "include" / "stddef.h", ignored)) return folder.string();
  return {};
}

void run_clang(const Request& request, const std::vector<std::string>& flags,
               const Events& events) {
  const std::string resource_dir = find_resource_dir();
  if (resource_dir.empty()) {
    events({.kind = Event::Kind::kComplaint,
            .text = "Clang's own headers are not found; they belong to libclang-common-" +
                    std::string(CLANG_VERSION_MAJOR_STRING) + "-dev"});
    events({.kind = Event::Kind::kDone, .text = "failed"});
    return;
  }
  const std::vector<std::string> line = command_line(request, flags, resource_dir);
  std::vector<const char*> arguments;
  for (const std::string& argument : line) arguments.push_back(argument.c_str());

  llvm::IntrusiveRefCntPtr<clang::DiagnosticOptions> options(new clang::DiagnosticOptions);
  options->ShowColors = request.color;
  Explainer explainer(*options, request, events);
  clang::CreateInvocationOptions with;
  with.Diags = clang::CompilerInstance::createDiagnostics(options.get(), &explainer, false);
  std::shared_ptr<clang::CompilerInvocation> invocation = clang::createInvocation(arguments, with);
  const auto done = [&](bool ran) {
    explainer.finish();
    const bool failed = !ran || explainer.getNumErrors() > 0;
    events({.kind = Event::Kind::kDone, .text = failed ? "failed" : ""});
  };
  if (invocation == nullptr) return done(false);
  clang::CompilerInstance compiler;
  compiler.setInvocation(std::move(invocation));
  compiler.createDiagnostics(&explainer, false);
  compiler.setVerboseOutputStream(std::make_unique<llvm::raw_null_ostream>());
  ReadModels action(request, events);
  done(compiler.ExecuteAction(action));
}

}  // namespace gradc::frontend

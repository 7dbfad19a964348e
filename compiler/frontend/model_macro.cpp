#include "frontend/model_macro.h"

#include <clang/Basic/SourceManager.h>
#include <clang/Lex/MacroArgs.h>
#include <clang/Lex/MacroInfo.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>

#include <memory>

namespace gradc::frontend {
namespace {

class Watch : public clang::PPCallbacks {
 public:
  Watch(clang::Preprocessor& preprocessor, const Events& events)
      : preprocessor_(preprocessor), events_(events) {}

  void MacroExpands(const clang::Token& name, const clang::MacroDefinition&,
                    clang::SourceRange range, const clang::MacroArgs* arguments) override {
    if (arguments == nullptr || arguments->getNumMacroArguments() == 0) return;
    const llvm::StringRef macro = name.getIdentifierInfo()->getName();
    if (macro == "GRADC_MODEL") begin(range.getBegin(), *arguments->getUnexpArgument(0));
    if (macro == "GRADC_OPTION") check_option(range.getBegin(), *arguments->getUnexpArgument(0));
  }

 private:
  void begin(clang::SourceLocation location, const clang::Token& model) {
    const clang::SourceManager& sources = preprocessor_.getSourceManager();
    if (model.is(clang::tok::identifier))
      events_({.kind = Event::Kind::kBegin,
               .text = preprocessor_.getSpelling(model),
               .place = place_of(sources, sources.getExpansionLoc(location))});
  }

  void check_option(clang::SourceLocation location, const clang::Token& option) {
    if (option.isNot(clang::tok::identifier)) return;
    const clang::MacroInfo* macro = preprocessor_.getMacroInfo(option.getIdentifierInfo());
    if (macro == nullptr) return;
    std::string value;
    for (const clang::Token& token : macro->tokens()) {
      if (!value.empty() && token.hasLeadingSpace()) value += ' ';
      value += preprocessor_.getSpelling(token);
    }
    // What gradc::option takes: up to 13 digits.
    constexpr std::size_t kDigits = 12;
    const std::string name = preprocessor_.getSpelling(option);
    if (!value.empty() && value.size() <= kDigits &&
        value.find_first_not_of("0123456789") == std::string::npos)
      return;
    const clang::SourceManager& sources = preprocessor_.getSourceManager();
    events_({.kind = Event::Kind::kComplaint,
             .text = "the option " + name + " is a whole number of at most 12 digits, found \"" +
                     value + "\"",
             .place = place_of(sources, sources.getExpansionLoc(location))});
  }

  clang::Preprocessor& preprocessor_;
  const Events& events_;
};

}  // namespace

support::Place place_of(const clang::SourceManager& sources, clang::SourceLocation location) {
  const clang::PresumedLoc presumed = sources.getPresumedLoc(location);
  if (presumed.isInvalid()) return {};
  return {presumed.getFilename(), static_cast<int>(presumed.getLine()),
          static_cast<int>(presumed.getColumn())};
}

void watch_models(clang::Preprocessor& preprocessor, const Events& events) {
  preprocessor.addPPCallbacks(std::make_unique<Watch>(preprocessor, events));
}

void warn_of_unused(clang::Preprocessor& preprocessor, const Request& request,
                    const Events& events) {
  for (const std::string& define : request.defines) {
    const std::string name = define.substr(0, define.find('='));
    const clang::MacroInfo* macro = preprocessor.getMacroInfo(preprocessor.getIdentifierInfo(name));
    if (macro != nullptr && !macro->isUsed())
      events({.kind = Event::Kind::kWarning,
              .text = "nothing here uses the option " + name + " (-D" + define + ")",
              .place = {request.file}});
  }
}

}  // namespace gradc::frontend

#include "frontend/explain.h"

#include <clang/AST/ASTDiagnostic.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>
#include <llvm/ADT/SmallString.h>

#include "frontend/model_macro.h"

namespace gradc::frontend {
namespace {

using Level = clang::DiagnosticsEngine::Level;

constexpr const char* kModelMacro = "GRADC_MODEL";
constexpr std::size_t kMaxNotes = 4;

// The location of the outermost macro expansion, and the name of that macro.
std::string outermost_macro(const clang::SourceManager& sources, clang::SourceLocation location) {
  if (!location.isMacroID()) return "";
  while (true) {
    const clang::SourceLocation caller = sources.getImmediateExpansionRange(location).getBegin();
    if (!caller.isMacroID())
      return clang::Lexer::getSourceText(clang::CharSourceRange::getTokenRange(caller, caller),
                                         sources, clang::LangOptions())
          .str();
    location = caller;
  }
}

}  // namespace

Explainer::Explainer(clang::DiagnosticOptions& options, const Request& request,
                     const Events& events)
    : request_(request), events_(events), stream_(text_), printer_(stream_, &options) {
  if (request.color) stream_.enable_colors(true);
}

void Explainer::BeginSourceFile(const clang::LangOptions& language,
                                const clang::Preprocessor* preprocessor) {
  printer_.BeginSourceFile(language, preprocessor);
}

void Explainer::EndSourceFile() {
  finish();
  printer_.EndSourceFile();
}

void Explainer::HandleDiagnostic(Level level, const clang::Diagnostic& info) {
  DiagnosticConsumer::HandleDiagnostic(level, info);  // counts
  if (level == Level::Note && !chain_.empty()) {
    chain_.push_back(link(info));
    return;
  }
  if (level != Level::Note) explain();
  if (level >= Level::Error && is_failed_evaluation(info)) {
    const clang::SourceManager& sources = info.getSourceManager();
    model_ = place_of(sources, sources.getExpansionLoc(info.getLocation()));
    chain_.push_back(link(info));
    return;
  }
  other_errors_ = other_errors_ || level >= Level::Error;
  printer_.HandleDiagnostic(level, info);
  print();
}

void Explainer::finish() {
  explain();
  print();
}

void Explainer::print() {
  if (text_.empty()) return;
  events_({.kind = Event::Kind::kScreen, .text = text_});
  text_.clear();
}

// Anything wrong with what GRADC_MODEL itself writes; its arguments are the user's.
bool Explainer::is_failed_evaluation(const clang::Diagnostic& info) const {
  if (!info.hasSourceManager() || !info.getLocation().isMacroID()) return false;
  const clang::SourceManager& sources = info.getSourceManager();
  return sources.isMacroBodyExpansion(info.getLocation()) &&
         outermost_macro(sources, info.getLocation()) == kModelMacro;
}

Explainer::Link Explainer::link(const clang::Diagnostic& info) const {
  llvm::SmallString<256> message;
  info.FormatDiagnostic(message);
  Link link{info.getID(), message.str().str(), {}, false};
  if (!info.hasSourceManager() || info.getLocation().isInvalid()) return link;
  const clang::SourceManager& sources = info.getSourceManager();
  const clang::SourceLocation location = sources.getExpansionLoc(info.getLocation());
  link.place = place_of(sources, location);
  link.in_model =
      !sources.isInSystemHeader(location) &&
      link.place.file.compare(0, request_.include_dir.size(), request_.include_dir) != 0 &&
      outermost_macro(sources, info.getLocation()) != kModelMacro;
  return link;
}

// Whether the evaluation reached this function of the DSL, which is not constexpr on purpose.
bool Explainer::says(const Link& link, const char* function) {
  return link.message.find("'" + std::string(function) + "'") != std::string::npos;
}

std::string Explainer::reason(const Link& link) const {
  const Bounds& bounds = request_.bounds;
  switch (link.id) {
    case clang::diag::note_constexpr_step_limit_exceeded:
      return "declaring the model takes more than " + std::to_string(bounds.steps) +
             " steps, the bound set by --max-steps";
    case clang::diag::note_constexpr_depth_limit_exceeded:
      return "declaring the model nests more than " + std::to_string(bounds.depth) +
             " calls, the bound set by --max-depth";
    case clang::diag::note_constexpr_new_exceeds_limits:
      return "declaring the model allocates an array of more than " + std::to_string(bounds.steps) +
             " elements, the bound set by --max-steps";
    default:
      return says(link, "this_tensor_has_no_value") ? "this tensor was never given a value"
                                                    : link.message;
  }
}

// chain_: the error, the reason, then calls from the innermost to the outermost, then declarations.
void Explainer::explain() {
  std::vector<Link> chain = std::move(chain_);
  chain_.clear();
  if (chain.empty() || other_errors_ || !reported_.insert(model_).second) return;
  const Link& innermost = chain.size() > 1 ? chain[1] : chain[0];
  // While diagnostics are collected, only GRADC_OPTION ends here, and watch_models has told why.
  if (says(innermost, "an_option_is_a_whole_number")) return;
  Event event{.kind = Event::Kind::kComplaint, .text = reason(innermost), .place = model_};
  std::set<support::Place> shown;  // a call that calls itself is shown once
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (!chain[i].in_model || !shown.insert(chain[i].place).second) continue;
    if (shown.size() == 1)
      event.place = chain[i].place;
    else if (event.notes.size() < kMaxNotes)
      event.notes.push_back({chain[i].message, chain[i].place});
  }
  if (!shown.empty()) event.notes.push_back({"while the model is declared here", model_});
  events_(event);
}

}  // namespace gradc::frontend

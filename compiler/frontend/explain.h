// Clang's diagnostics on their way to the user.
//
// Mistakes of C++ are printed as Clang prints them. That a model cannot be evaluated, however,
// Clang reports at the macro GRADC_MODEL, as a chain of calls through the DSL, once for each
// constant that the macro defines. Here such a chain becomes one complaint, at the line of the
// model that made the call, with the reason as its message.
#pragma once

#include <clang/Basic/Diagnostic.h>
#include <clang/Frontend/TextDiagnosticPrinter.h>
#include <llvm/Support/raw_ostream.h>

#include <set>
#include <string>
#include <vector>

#include "frontend/event.h"
#include "frontend/read_models.h"

namespace gradc::frontend {

class Explainer : public clang::DiagnosticConsumer {
 public:
  // The arguments must outlive it.
  Explainer(clang::DiagnosticOptions& options, const Request& request, const Events& events);

  void BeginSourceFile(const clang::LangOptions& language, const clang::Preprocessor* pp) override;
  void EndSourceFile() override;
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level,
                        const clang::Diagnostic& info) override;

  // Sends what is still held back.
  void finish() override;

 private:
  // One diagnostic of a failed evaluation: the error, or a note of its chain.
  struct Link {
    unsigned id;
    std::string message;
    support::Place place;
    bool in_model;  // in code of the user, not of the DSL or the standard library
  };

  bool is_failed_evaluation(const clang::Diagnostic& info) const;
  Link link(const clang::Diagnostic& info) const;
  static bool says(const Link& link, const char* function);
  std::string reason(const Link& link) const;
  void explain();
  void print();

  const Request& request_;
  const Events& events_;
  std::string text_;
  llvm::raw_string_ostream stream_;
  clang::TextDiagnosticPrinter printer_;

  std::vector<Link> chain_;            // of the evaluation being reported; empty if none is
  support::Place model_;               // its GRADC_MODEL
  std::set<support::Place> reported_;  // each GRADC_MODEL fails once
  bool other_errors_ = false;
};

}  // namespace gradc::frontend

#!/usr/bin/env bash
# From the declaration of a model to names it makes up: builds gradc, then compiles, trains, evaluates and samples
# models/nplm.cpp. Installs what is missing first; writes below build/ only.
set -euo pipefail
cd "$(dirname "$0")"
. cmake/setup.sh

say() {
  printf '\n\033[1m== %s\033[0m\n' "$*"
}
if [ ! -t 1 ] || [ -n "${NO_COLOR-}" ]; then
  say() { printf '\n== %s\n' "$*"; }
fi
show() {
  printf '$ %s\n' "$*"
  "$@"
}

say "set-up: the packages of packages.txt, then a release build of the compiler"
gradc_setup
gradc_build release --target gradc gradc_app

build=build/release
demo=build/demo
gradc=$build/bin/gradc
cxx=${CXX:-c++}
mkdir -p "$demo"

say "the model, as it is declared: the ten lines that everything below comes from"
show sed -n '/^struct/,$p' models/nplm.cpp

say "the model, as gradc reads it: every shape known, nothing has run"
show "$gradc" models/nplm.cpp --emit=model

say "differentiated, fused, scheduled, written out: plain C++ that a person could have written"
show "$gradc" models/nplm.cpp -o "$demo"
show wc -l "$demo/nplm.gen.h" "$demo/nplm.gen.cpp"

say "compiled by the host's compiler: the generated code, and the library behind a trained program"
show "$cxx" -std=c++20 -O2 -ffp-contract=off -march=native -I "$build/include" \
  "$demo/nplm.gen.cpp" "$demo/nplm.main.cpp" "$build/lib/libgradc_app.a" -pthread -o "$demo/nplm"

say "trained on the names that come with it"
show "$demo/nplm" train -o "$demo/run" --steps "${GRADC_DEMO_STEPS:-20000}"

say "evaluated: the loss on names it has seen, and on names it has not"
show "$demo/nplm" eval -m "$demo/run"

say "sampled: twenty names that nobody wrote"
show "$demo/nplm" sample -m "$demo/run" -n 20

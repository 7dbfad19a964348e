#!/usr/bin/env bash
# usage: install_test.sh SOURCE BUILD SCRATCH CMAKE CXX NINJA
#
# 1. Installs BUILD below SCRATCH and moves the result, so that nothing can lean on where it was put.
# 2. Builds tests/install/project against it with find_package(gradc), trains and samples the model.
# 3. Does the same with two command lines and no CMake.
# 4. Wants the trained programs to depend on the C and C++ run-time libraries only.
set -euo pipefail
source=$1 build=$2 scratch=$3 cmake=$4 cxx=$5 ninja=$6

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# Fails unless each library that a program asks for is one of the C or C++ run-time libraries.
check_libraries() {
  local program=$1 line name
  ldd "$program" >"$scratch/ldd.txt" || fail "ldd does not read $program"
  while read -r line; do
    name=$(basename "${line%% *}")
    case $name in
      linux-vdso.so.* | linux-gate.so.* | ld-linux*.so.* | libc.so.* | libm.so.* | libpthread.so.* | libgcc_s.so.* | libstdc++.so.*) ;;
      *) fail "$program depends on $name" ;;
    esac
  done <"$scratch/ldd.txt"
  grep -q 'libc\.so' "$scratch/ldd.txt" || fail "ldd of $program shows no C library; is it a program?"
}

# Trains for a few steps, then samples: something must come out.
check_runs() {
  local program=$1 run=$2 names
  "$program" train -o "$run" --steps 50
  names=$("$program" sample -m "$run" -n 3)
  [ "$(wc -l <<<"$names")" = 3 ] || fail "$program sampled not three lines but: $names"
}

rm -rf "$scratch"
mkdir -p "$scratch"
"$cmake" --install "$build" --prefix "$scratch/first" >"$scratch/install.log"
mv "$scratch/first" "$scratch/prefix"
cp -r "$source/tests/install/project" "$scratch/project"
cp "$source/models/nplm.cpp" "$scratch/project/nplm.cpp"

echo "== with CMake"
"$cmake" -S "$scratch/project" -B "$scratch/with_cmake" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_MAKE_PROGRAM="$ninja" -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_PREFIX_PATH="$scratch/prefix"
"$cmake" --build "$scratch/with_cmake"
check_libraries "$scratch/with_cmake/nplm"
check_runs "$scratch/with_cmake/nplm" "$scratch/run_with_cmake"
"$scratch/with_cmake/outside"
"$cmake" --build "$scratch/with_cmake" | grep -q 'no work to do' || fail "a second build has work to do"

echo "== by hand"
mkdir "$scratch/by_hand"
cd "$scratch/by_hand"
"$scratch/prefix/bin/gradc" "$scratch/project/nplm.cpp" -o out
libraries=("$scratch"/prefix/lib*/libgradc_app.a "$scratch"/prefix/lib*/*/libgradc_app.a)
for library in "${libraries[@]}"; do
  [ -e "$library" ] && break
done
"$cxx" -std=c++20 -O2 -ffp-contract=off -march=native -I "$scratch/prefix/include" \
  out/nplm.gen.cpp out/nplm.main.cpp "$library" -pthread -o nplm
check_libraries ./nplm
check_runs ./nplm "$scratch/run_by_hand"

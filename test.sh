#!/usr/bin/env bash
# Builds everything and runs every test. Ends with CTest's own summary.
#
#   ./test.sh                  all but the slow tests and clang-tidy
#   ./test.sh --tidy           clang-tidy too
#   ./test.sh --all            everything
#   ./test.sh --asan           under the address and undefined-behaviour sanitizers
#   ./test.sh --tsan           under the thread sanitizer
#   ./test.sh -- -R lint       what stands behind -- goes to ctest
set -euo pipefail
cd "$(dirname "$0")"
. cmake/setup.sh

preset=dev
skip='^(slow|tidy)$'
while [ $# -gt 0 ]; do
  case $1 in
    --all) skip='^$' ;;
    --tidy) skip='^slow$' ;;
    --asan) preset=asan ;;
    --tsan) preset=tsan ;;
    -h | --help) sed -n '2,/^set/{s/^# \{0,1\}//;/^set/d;p}' "$0"; exit 0 ;;
    --) shift; break ;;
    *) echo "unknown option $1; ./test.sh --help lists them" >&2; exit 2 ;;
  esac
  shift
done

gradc_setup
gradc_build "$preset"
ctest=$(dirname "$(gradc_cmake)")/ctest
exec "$ctest" --test-dir "build/$preset" --output-on-failure --no-tests=error --parallel 2 -LE "$skip" "$@"

# Shared by demo.sh and test.sh, to be sourced from the top of the project.
#
#   gradc_setup             installs the packages of packages.txt that are missing, or says which they are
#   gradc_build PRESET ...  configures a preset and builds it; further arguments go to cmake --build
#
# Nothing that is installed is changed or removed.

gradc_fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# The rows of packages.txt without comments.
gradc_packages() {
  grep -v -e '^#' -e '^[[:space:]]*$' packages.txt
}

# Packages that dpkg does not have, one a line.
gradc_missing_packages() {
  local package rest
  gradc_packages | while read -r package rest; do
    if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
      echo "$package"
    fi
  done
}

# Is a thing there that packages.txt calls command:a|b, header:x.h (the compiler finds it) or file:x.h (below an LLVM 19)?
gradc_present() {
  local kind=${1%%:*} what=${1#*:} name
  case $kind in
    command)
      for name in ${what//|/ }; do
        command -v "$name" >/dev/null && return 0
      done
      return 1 ;;
    header) printf '#include <%s>\n' "$what" | c++ -std=c++20 -E -x c++ - >/dev/null 2>&1 ;;
    file)
      for name in llvm-config-19 llvm-config; do
        command -v "$name" >/dev/null && [ -e "$("$name" --includedir)/$what" ] && return 0
      done
      return 1 ;;
    *) return 0 ;;
  esac
}

gradc_setup() {
  local package probe why missing
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    missing=$(gradc_packages | while read -r package probe why; do
      gradc_present "$probe" || printf '  %s (%s in Debian 12): %s\n' "${probe#*:}" "$package" "$why"
    done)
    [ -z "$missing" ] || gradc_fail "this system has no apt-get; please install what is missing:
$missing"
    return 0
  fi

  missing=$(gradc_missing_packages | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  echo "installing: $missing"
  local run=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || gradc_fail "neither root nor sudo; please install: $missing"
    run=(sudo)
    [ -t 0 ] || run+=(-n)
  fi
  run+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
  "${run[@]}" update </dev/null || echo "warning: the package lists could not be brought up to date" >&2
  # shellcheck disable=SC2086  # a list of names
  "${run[@]}" install -y --no-install-recommends --no-remove $missing </dev/null ||
    gradc_fail "apt-get could not install: $missing(Debian 12 has them all)"
}

# The first cmake that runs and is new enough: the one on the path, or Debian's own.
gradc_cmake() {
  local candidate version
  for candidate in cmake /usr/bin/cmake; do
    version=$("$candidate" --version 2>/dev/null | sed -n '1s/^cmake version //p')
    if [ -n "$version" ] && printf '3.25\n%s\n' "$version" | sort -CV; then
      command -v "$candidate"
      return 0
    fi
  done
  gradc_fail "cmake 3.25 or newer is needed"
}

gradc_build() {
  local preset=$1 cmake options=()
  shift
  cmake=$(gradc_cmake) || exit 1
  # A ninja on the path that does not run (a stale wrapper) gives way to the system's.
  ninja --version >/dev/null 2>&1 || options+=(-DCMAKE_MAKE_PROGRAM=/usr/bin/ninja)
  "$cmake" --preset "$preset" "${options[@]}" || gradc_fail "could not configure the preset $preset"
  "$cmake" --build --preset "$preset" --parallel "$(nproc)" "$@" || gradc_fail "could not build the preset $preset"
}

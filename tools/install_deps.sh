#!/usr/bin/env bash
# Installs what is missing to build (and, with --dev, to test and check) loadstone; says nothing when all is there.
#
#   Debian packages   by apt-get as root or through sudo; without either, the exact line to run is named
#   .venv             torch and pyarrow at the versions pinned in requirements.txt (libtorch and Arrow C++ are inside),
#                     with --dev also requirements-dev.txt and requirements-alone.txt
#
# LOADSTONE_PYTHON   interpreter that already has torch >= 2.11 and pyarrow: used instead of installing them
# LOADSTONE_DEVICE   cpu or cuda: which build of torch to install (default: cuda where nvidia-smi finds a device)
set -euo pipefail
cd "$(dirname "$0")/.."

dev=false
if [ "${1:-}" = --dev ]; then dev=true; fi

fail() { printf '%s\n' "$@" >&2; exit 1; }

# --- Debian packages: each is asked for only if what we use of it is not there --------------------------------------

have() {  # command:NAME | header:PATH under an include folder | python:MODULE of python3
  case $1 in
    command:*) command -v "${1#*:}" >/dev/null ;;
    header:*) [ -e "/usr/include/${1#*:}" ] || [ -e "/usr/local/include/${1#*:}" ] ;;
    python:*) python3 -c "import ${1#*:}" 2>/dev/null ;;
  esac
}

missing_packages() {
  local needed
  needed='command:g++ g++
    command:cmake cmake
    command:ninja ninja-build
    command:ccache ccache
    command:mold mold
    command:npm npm
    command:python3 python3
    python:ensurepip python3-venv
    header:CLI/CLI.hpp libcli11-dev
    header:toml++/toml.h libtomlplusplus-dev
    header:nlohmann/json.hpp nlohmann-json3-dev
    header:boost/math/distributions/normal.hpp libboost-dev
    header:Random123/philox.h librandom123-dev
    header:xxhash.h libxxhash-dev
    header:zlib.h zlib1g-dev
    header:gtest/gtest.h libgtest-dev
    header:gmock/gmock.h libgmock-dev
    header:rapidcheck.h librapidcheck-dev'
  if $dev; then
    needed+='
    command:clang-format clang-format
    command:clang-tidy clang-tidy
    command:git git
    command:chromium chromium'
  fi
  while read -r probe package; do
    have "$probe" || printf '%s ' "$package"
  done <<<"$needed"
}

install_packages() {
  local packages install
  packages=$(missing_packages)
  if [ -z "$packages" ]; then return; fi
  install="apt-get install --yes --no-install-recommends $packages"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
    if [ ! -t 0 ]; then as_root=(sudo -n); fi  # nobody is there to type a password
  fi
  command -v apt-get >/dev/null || fail "Not a Debian or Ubuntu machine. Install by its own means what these packages hold, " \
    "then run this again: $packages"
  if [ "$(id -u)" -ne 0 ] && ! { command -v sudo >/dev/null && "${as_root[@]}" true; }; then
    fail "These Debian packages are missing, and only root can install them. As root, run:" "  apt-get update && $install"
  fi
  echo "Installing Debian packages: $packages"
  # shellcheck disable=SC2086
  "${as_root[@]}" sh -c "apt-get update -q && DEBIAN_FRONTEND=noninteractive $install"
}

# --- Python: .venv ----------------------------------------------------------------------------------------------------

pip() { .venv/bin/python -m pip --quiet --disable-pip-version-check --no-input "$@"; }

pinned() { sed -n "s/^\($1==[^ ]*\).*/\1/p" requirements.txt; }

device() {
  if [ -n "${LOADSTONE_DEVICE:-}" ]; then
    echo "$LOADSTONE_DEVICE"
  elif nvidia-smi -L >/dev/null 2>&1; then
    echo cuda
  else
    echo cpu
  fi
}

# The wheel that a plain `pip install torch` brings on Linux x86 is the CUDA build. It cannot be had without CUDA:
# its libtorch_cpu.so names libcupti and libcudart as needed. The CPU build has the same version with the suffix +cpu;
# pip finds it where the configured package index or find-links has it, and uv knows where PyTorch publishes it.
install_cpu_torch() {
  local torch
  torch=$(pinned torch)
  if pip install "$torch+cpu" 2>/dev/null; then return; fi
  pip install uv==0.13.8
  if .venv/bin/uv --quiet pip install --python .venv/bin/python --torch-backend cpu "$torch"; then return; fi
  fail "No CPU build of $torch could be fetched. Either" \
    "  give pip a package index that has $torch+cpu (PIP_EXTRA_INDEX_URL), or" \
    "  set LOADSTONE_PYTHON to an interpreter that has torch >= 2.11 and pyarrow, or" \
    "  set LOADSTONE_DEVICE=cuda to install the CUDA build and its packages (several GB); it runs on a CPU, too."
}

check_given_python() {
  "$LOADSTONE_PYTHON" - <<'PYTHON' || fail "LOADSTONE_PYTHON=$LOADSTONE_PYTHON cannot be used."
import importlib.metadata as metadata, sys
for package, least in (("torch", (2, 11)), ("pyarrow", (0, 0))):
    try:
        version = metadata.version(package)
    except metadata.PackageNotFoundError:
        sys.exit(f"{sys.executable} has no {package}. Install it there, or unset LOADSTONE_PYTHON.")
    if tuple(int(part) for part in version.split(".")[:2]) < least:
        sys.exit(f"{sys.executable} has {package} {version}; {'.'.join(map(str, least))} or later is needed.")
PYTHON
}

wanted_python_packages() {  # the requirement files that .venv has to satisfy
  if [ -z "${LOADSTONE_PYTHON:-}" ]; then echo requirements.txt; fi
  if $dev; then echo requirements-dev.txt; fi
}

install_python_packages() {
  local files stamp
  if [ -n "${LOADSTONE_PYTHON:-}" ]; then check_given_python; fi
  mapfile -t files < <(wanted_python_packages)
  if [ ${#files[@]} -eq 0 ]; then return; fi
  stamp=.venv/.installed-$(cat "${files[@]}" requirements-alone.txt <(device) | sha256sum | cut -c1-16)
  if [ -e "$stamp" ]; then return; fi
  echo "Installing the Python packages of ${files[*]} into .venv"
  [ -x .venv/bin/python ] || python3 -m venv .venv
  if [ "${files[0]}" = requirements.txt ] && [ "$(device)" = cpu ]; then install_cpu_torch; fi
  pip install "${files[@]/#/-r}"
  if $dev; then pip install --no-deps -r requirements-alone.txt; fi
  touch "$stamp"
}

install_packages
install_python_packages

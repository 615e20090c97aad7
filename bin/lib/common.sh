# shellcheck shell=bash
# Shared by the scripts in bin/: words on the screen, and finding or installing what is missing.
# Everything here may run again at any time and is quick when nothing is missing.

root_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
target_dir=${CARGO_TARGET_DIR:-target}
case $target_dir in /*) ;; *) target_dir=$root_dir/$target_dir ;; esac
export root_dir target_dir

heading() { printf '\n== %s ==\n' "$1"; }
note() { printf '%s\n' "$1" >&2; }
fail() { note "$1"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# scratch_parent MEBIBYTES: where folders go that are gone at the end of a run; memory, where so much
# of it is free.
scratch_parent() {
  local free
  free=$(df --output=avail -B1M /dev/shm 2>/dev/null | tail -n 1) || free=0
  if [ -w /dev/shm ] && [ "${free:-0}" -ge "$1" ]; then echo /dev/shm; else echo /tmp; fi
}

# The Debian packages (12, bookworm) behind each need, as `package=test`; a test that succeeds means
# "there", wherever it came from.
build_packages=(
  'build-essential=has cc'
  'pkg-config=has pkg-config'
  'libssl-dev=pkg-config --exists openssl'
)
postgres_packages=(
  'postgresql=postgres_bin >/dev/null'
)
mail_packages=(
  'python3-venv=python3 -c "import ensurepip"'
)
otp_packages=(
  'oathtool=has oathtool'
  'pskctool=has pskctool'
  'openssl=has openssl'
  'curl=has curl'
)
letter_packages=(
  'poppler-utils=has pdftotext'
  'fonts-noto-cjk=[ -f /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ]'
)
text_browser_packages=(
  'w3m=has w3m'
)
proxy_packages=(
  'nginx=nginx_program >/dev/null'
  'openssl=has openssl'
)
# shellcheck disable=SC2016 # the tests are expanded by eval, later
browser_packages=(
  'chromium=has chromium'
  'fonts-noto-cjk=[ -n "$(fc-list :lang=ja family)" ]'
  'oathtool=has oathtool'
  'zbar-tools=has zbarimg'
  'sqlite3=has sqlite3'
  'default-jre-headless=has java'
  'nodejs=has node'
  'npm=has npm'
)

# What quickens the projects without JavaScript; Chromium itself does where there is no such package.
quick_browser_packages=('chromium-headless-shell=has chromium-headless-shell')

# The folder with initdb and pg_ctl, the newest version there is.
postgres_bin() {
  local folder
  folder=$(find /usr/lib/postgresql/*/bin -maxdepth 0 2>/dev/null | sort -V | tail -n 1)
  if [ -x "$folder/initdb" ]; then
    printf '%s\n' "$folder"
  elif has initdb; then
    dirname "$(command -v initdb)"
  else
    return 1
  fi
}

# Installs those packages of a list that are missing: as root at once, otherwise it says how.
ensure_packages() {
  local entry missing=()
  for entry in "$@"; do
    eval "${entry#*=}" >/dev/null 2>&1 || missing+=("${entry%%=*}")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ] || ! has apt-get; then
    note "Missing packages. Please run, then start again:"
    note "  sudo apt-get update && sudo apt-get install --yes --no-install-recommends ${missing[*]}"
    return 1
  fi
  note "Installing: ${missing[*]}"
  no_system_cluster
  apt_install "${missing[@]}" || { apt_get update && apt_install "${missing[@]}"; }
}

apt_install() { apt_get install --yes --no-install-recommends "$@"; }

# A part of it runs as a user of its own, to whom another folder for temporary files may be closed.
apt_get() { TMPDIR=/tmp DEBIAN_FRONTEND=noninteractive apt-get --quiet "$@" </dev/null >&2; }

# Debian's package would start a server of its own on port 5432; the tests bring their own.
no_system_cluster() {
  local settings=/etc/postgresql-common/createcluster.conf
  [ ! -e "$settings" ] || return 0
  mkdir -p "${settings%/*}"
  printf 'create_main_cluster = false\n' >"$settings"
}

ensure_rust() {
  has cargo || fail "Rust is missing: install it with rustup (https://rustup.rs), then start again."
  ensure_packages "${build_packages[@]}"
}

ensure_postgres() { ensure_packages "${postgres_packages[@]}"; }

# Debian keeps it where only root's path looks.
nginx_program() { PATH=$PATH:/usr/sbin command -v nginx; }

# nginx as a program. Debian's package also starts it on port 80, now and after each boot; whoever
# had it before keeps that.
ensure_nginx() {
  local was_there=''
  ! nginx_program >/dev/null || was_there=yes
  ensure_packages "${proxy_packages[@]}" || return 1
  [ -z "$was_there" ] || return 0
  if [ -d /run/systemd/system ]; then
    systemctl disable --now --quiet nginx >&2 || true
  else
    service nginx stop >/dev/null 2>&1 || true
  fi
}

# Node for the browser tests: the one that is there if new enough, else one below the target folder.
ensure_node() {
  node_is_new_enough && return 0
  local folder=$target_dir/node arch=x64
  [ "$(uname -m)" != aarch64 ] || arch=arm64
  PATH=$folder/node_modules/node-linux-$arch/bin:$PATH
  node_is_new_enough && return 0
  note "Installing Node 20 below $folder"
  mkdir -p "$folder"
  npm install --prefix "$folder" --no-save --no-audit --no-fund "node-linux-$arch@20" >&2
  hash -r
  node_is_new_enough
}

node_is_new_enough() {
  [ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge 20 ]
}

# npm packages of tests/browser, exactly as locked; installed again only when the lock changed.
ensure_browser_tests() {
  ensure_packages "${browser_packages[@]}" && ensure_node || return 1
  ensure_packages "${quick_browser_packages[@]}" || note "Without it the browser tests take longer."
  local folder=$root_dir/tests/browser
  cmp --silent "$folder/package-lock.json" "$folder/node_modules/.installed-lock" && return 0
  note "Installing the npm packages of tests/browser"
  # No install scripts: the one that exists would fetch a Java runtime, and Debian's is there.
  # Lighthouse, which is optional and twice as large as the rest, is for bin/lighthouse alone.
  (cd "$folder" && npm ci --omit=optional --ignore-scripts --no-audit --no-fund >&2) || return 1
  cp "$folder/package-lock.json" "$folder/node_modules/.installed-lock"
}

# Lighthouse beside the packages of the browser tests.
ensure_lighthouse() {
  local folder=$root_dir/tests/browser
  ensure_browser_tests || return 1
  [ -e "$folder/node_modules/lighthouse/package.json" ] && return 0
  note "Installing Lighthouse"
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund >&2) || return 1
  cp "$folder/package-lock.json" "$folder/node_modules/.installed-lock"
}

# aiosmtpd, a mail server for tests, jpholiday, which reckons the holidays of Japan by the law, and oath,
# which makes codes by OCRA, in a Python environment of its own.
ensure_python_packages() {
  local folder=$target_dir/venv
  if ! "$folder/bin/python" -c 'import aiosmtpd, jpholiday, oath' 2>/dev/null; then
    ensure_packages "${mail_packages[@]}" || return 1
    note "Installing aiosmtpd, jpholiday and oath below $folder"
    python3 -m venv "$folder" || return 1
    "$folder/bin/pip" install --quiet 'aiosmtpd==1.4.6' 'jpholiday==1.0.3' \
      'oath==1.4.5' >&2 || return 1
  fi
  export MADOGUCHI_TEST_PYTHON=$folder/bin/python
}

# Programs and samples that tests compare with or look through: oathtool, pskctool, w3m, other
# makers' key files.
ensure_test_tools() {
  ensure_python_packages || return 1
  ensure_packages "${otp_packages[@]}" "${letter_packages[@]}" \
    "${text_browser_packages[@]}" || return 1
  "$root_dir/bin/fetch-pskc-samples" >&2
}

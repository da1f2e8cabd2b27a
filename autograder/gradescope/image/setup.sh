#!/usr/bin/env bash
# Builds into the image what the grader needs, and proves that it grades there. Run once, as root; to run
# it again gives the same. The grader lies below one folder, and an environment of its own leaves
# the system's Python and packages, which the platform needs itself, as they are.
set -euo pipefail
umask 022
root=${AUTOGRADER_ROOT:-/autograder}
source=$root/source
environment=$root/venv

fail() {
    echo "setup.sh: $*" >&2
    exit 1
}

# The Python that the image has: 3.10 on the platform's Ubuntu 22.04.
find_python() {
    local name
    for name in python3.10 python3; do
        if command -v "$name" >/dev/null &&
            "$name" -I -c 'import sys; sys.exit(not sys.version_info >= (3, 10))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    fail "there is no Python 3.10 or newer; choose Ubuntu 22.04 as the base image"
}

# Debian and Ubuntu keep a part of the standard library's venv in a package apart.
add_venv() {
    local version
    version=$("$python" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    command -v apt-get >/dev/null || fail "$python lacks ensurepip; install it"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet=2
    apt-get install --quiet=2 --no-install-recommends "python$version-venv"
}

[ "$(id -u)" = 0 ] || fail "run it as root, as the platform does"
[ -f "$source/autograder/__init__.py" ] || fail "unpack the zip into $source"
python=$(find_python)
"$python" -I -c 'import ensurepip, venv' 2>/dev/null || add_venv
echo "setup.sh: $("$python" --version) at $python"

"$python" -I -m venv --clear "$environment"
"$environment/bin/python" -I -m pip install --quiet --no-input --disable-pip-version-check \
    --no-cache-dir --no-deps --require-hashes --only-binary :all: \
    --requirement "$source/requirements.txt"

# Compiled here once instead of at every submission's expense.
"$environment/bin/python" -I -m compileall -q "$source/autograder"

chown -R 0:0 "$source"
chmod -R go-rwx "$source"
chmod 0755 "$root" "$environment"

"$environment/bin/python" -I "$source/start.py" verify "$root" ||
    fail "the grader does not work in this image; see above"

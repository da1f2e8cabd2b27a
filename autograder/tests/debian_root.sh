#!/usr/bin/env bash
# Proves autograder.zip in a real Debian or Ubuntu root instead of a folder of this machine: debootstrap makes
# the root, the zip is laid out below its /autograder, setup.sh builds, run_autograder grades the reference.
#
#     sudo autograder/tests/debian_root.sh autograder.zip [SUITE [MIRROR]]
#
# The default is Debian bookworm (Python 3.11) from Debian's own mirror. Gradescope's image is Ubuntu 22.04: give
# `jammy` as the suite and a mirror of Ubuntu.
#
# Where that cannot be done it says why and ends with status 77, which stands for "skipped".
set -euo pipefail

skip() {
    echo "skipped: $*"
    exit 77
}

zip=$(realpath "${1:?name the zip}")
suite=${2:-bookworm}
mirror=${3:-}
[ "$(id -u)" = 0 ] || skip "needs root"
for program in debootstrap unshare chroot python3; do
    command -v "$program" >/dev/null || skip "$program is not installed"
done

scratch=$(mktemp -d)
root=$scratch/root
trap 'rm -rf --one-file-system "$scratch"' EXIT
debootstrap --variant=minbase --include=python3,ca-certificates "$suite" "$root" ${mirror:+"$mirror"} \
    >"$scratch/log" 2>&1 || skip "debootstrap made no $suite: $(tail -n 1 "$scratch/log")"

# The package index and Debian's mirror are reached as from this machine.
certificates=/etc/ssl/certs/ca-certificates.crt
for path in /etc/resolv.conf /etc/pip.conf /etc/xdg/pip /etc/apt/apt.conf.d ~/.config/pip "$certificates" \
    "${PIP_CERT:-$certificates}" "${SSL_CERT_FILE:-$certificates}"; do
    if [ -e "$path" ]; then
        mkdir -p "$root$(dirname "$path")"
        cp -aL --remove-destination "$path" "$root$(dirname "$path")/"
    fi
done

platform=$root/autograder
mkdir -p "$platform"/{source,submission,results}
python3 -m zipfile -e "$zip" "$platform/source"
chmod +x "$platform"/source/{setup.sh,run_autograder}
cp "$platform/source/run_autograder" "$platform/"
cp "$platform"/source/assignment/reference/*.py "$platform/submission/"
echo '{"users": []}' >"$platform/submission_metadata.json"

# shellcheck disable=SC2016 # the inner shell's own
inside() {
    unshare --mount --pid --fork --propagation private /bin/sh -c '
        mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" /bin/sh -c "
            cd /autograder && exec $1"' "$root" "$1"
}

echo "== $suite: $(inside 'python3 --version')"
before=$(inside "dpkg-query -W")
inside ./source/setup.sh
echo "== packages of the system that setup.sh added:"
comm -13 <(sort <<<"$before") <(inside "dpkg-query -W" | sort)
inside ./run_autograder
python3 - "$platform/results/results.json" <<'END'
import json, sys

results = json.load(open(sys.argv[1]))
full = sum(test["max_score"] for test in results["tests"])
facts = results["extra_data"]
print(f"== {results['score']:g} of {full:g} points; {facts['isolation']}, Python {facts['python']}")
sys.exit(results["score"] != full)
END

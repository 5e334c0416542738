#!/bin/sh
# Two caches of libcachesim that are never hit although the requested object fits into them.
#
# Package:   libcachesim 0.3.5 (PyPI; wheels for Python 3.10 to 3.13 on Linux)
# Input:     one object of 1 byte, requested ten times, in caches with room for 19 to 100 such objects.
# Expected:  one miss and nine hits, as from any cache that admits what it misses.
# Behaviour: S3FIFO with room for 19 and WTinyLFU with room for 99 admit nothing, and say nothing. One
#            byte more, and both have the nine hits. S3FIFO admits only what is smaller than a tenth of
#            its capacity, and WTinyLFU what is not larger than a hundredth; both shares are cut to
#            whole bytes. A tenth of 19 is 1, and a hundredth of 99 is 0.
#
# Exits with 0 if the output is still the one below, with 1 if it has changed, with 3 if the packages
# cannot be installed.
set -eu

expected='LRU with room for 19: 0111111111
S3FIFO with room for 19: 0000000000
S3FIFO with room for 20: 0111111111
WTinyLFU with room for 99: 0000000000
WTinyLFU with room for 100: 0111111111'

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$folder" \
  libcachesim==0.3.5 numpy==2.2.6 >&2 || exit 3

seen=$(PYTHONPATH="$folder" timeout 60 python3 - <<'PYTHON'
import libcachesim

for name, room in [("LRU", 19), ("S3FIFO", 19), ("S3FIFO", 20), ("WTinyLFU", 99), ("WTinyLFU", 100)]:
    cache = getattr(libcachesim, name)(cache_size=room)
    hits = ""
    for time in range(10):
        request = libcachesim.Request()
        request.obj_id, request.obj_size, request.clock_time = 1, 1, time
        hits += "1" if cache.get(request) else "0"
    print(f"{name} with room for {room}: {hits}")
PYTHON
)
printf '%s\n' "$seen"
[ "$seen" = "$expected" ]

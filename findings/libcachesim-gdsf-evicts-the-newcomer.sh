#!/bin/sh
# A GDSF cache of libcachesim that misses an object four times in a row although it fits.
#
# Package:   libcachesim 0.3.5 (PyPI; wheels for Python 3.10 to 3.13 on Linux)
# Input:     room for 10 bytes; object A of 4 bytes is requested twice, then object B of 7 bytes five times.
# Expected:  01 for A. Then 01111 for B: at its first request A must go, as 4 + 7 > 10, and B is inserted.
# Behaviour: B is inserted before room is made, and competes with A. Priorities are clock + uses x c / size:
#            A has 2c/4 and B has c/7. So B is evicted, and the clock rises to c/7. At its second and
#            third request B has 2c/7 and 3c/7, and is evicted again. At the fourth it has 4c/7 > 2c/4:
#            A is evicted, and the fifth request is the first hit. The misses of ordinary traces differ
#            from those of a cache that evicts first, too (test/cross/eviction.test.ts).
#
# Exits with 0 if the output is still the one below, with 1 if it has changed, with 3 if the packages
# cannot be installed.
set -eu

expected='A: 01
B: 00001'

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$folder" \
  libcachesim==0.3.5 numpy==2.2.6 >&2 || exit 3

seen=$(PYTHONPATH="$folder" timeout 60 python3 - <<'PYTHON'
import libcachesim

cache = libcachesim.GDSF(cache_size=10)
for name, number, size, times in [("A", 1, 4, 2), ("B", 2, 7, 5)]:
    hits = ""
    for _ in range(times):
        request = libcachesim.Request()
        request.obj_id, request.obj_size = number, size
        hits += "1" if cache.get(request) else "0"
    print(f"{name}: {hits}")
PYTHON
)
printf '%s\n' "$seen"
[ "$seen" = "$expected" ]

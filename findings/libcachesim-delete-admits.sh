#!/bin/sh
# A request of libcachesim to delete an object that caches the object.
#
# Package:   libcachesim 0.3.5 (PyPI; wheels for Python 3.10 to 3.13 on Linux)
# Input:     an LRU cache; a request with the operation OP_DELETE for an object, then one with OP_GET.
# Expected:  a miss: the object is not in the cache, whether it was there before the deletion or not.
# Behaviour: a hit in both cases. get() passes over the operation: OP_DELETE for an absent object is a
#            miss that admits the object, and for a cached one it is a hit that keeps it.
#
# Exits with 0 if the output is still the one below, with 1 if it has changed, with 3 if the packages
# cannot be installed.
set -eu

expected='absent, OP_DELETE, OP_GET: hit
cached, OP_DELETE, OP_GET: hit'

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$folder" \
  libcachesim==0.3.5 numpy==2.2.6 >&2 || exit 3

seen=$(PYTHONPATH="$folder" timeout 60 python3 - <<'PYTHON'
import libcachesim
from libcachesim import ReqOp

for name, operations in [
    ("absent", [ReqOp.OP_DELETE, ReqOp.OP_GET]),
    ("cached", [ReqOp.OP_GET, ReqOp.OP_DELETE, ReqOp.OP_GET]),
]:
    cache = libcachesim.LRU(cache_size=10)
    for operation in operations:
        request = libcachesim.Request()
        request.obj_id, request.obj_size, request.op = 1, 1, operation
        is_hit = cache.get(request)
    print(f"{name}, OP_DELETE, OP_GET: {'hit' if is_hit else 'miss'}")
PYTHON
)
printf '%s\n' "$seen"
[ "$seen" = "$expected" ]

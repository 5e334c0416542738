#!/bin/sh
# A Belady cache of libcachesim that misses more often than LRU on the same trace.
#
# Package:   libcachesim 0.3.5 (PyPI; wheels for Python 3.10 to 3.13 on Linux)
# Input:     a CSV trace, room for two objects of 1 byte: 1 2 1 3 1 2 1 3 1 2 1 3.
# Expected:  the docstring of Belady is "Belady's optimal algorithm (no special parameters)", so no more
#            misses than LRU: 1 2 3 2 3 2 3 = 7 of 12, because LRU keeps 1 and replaces 2 and 3.
# Behaviour: 9 misses of 12, those of FIFO, without a warning. A CSV trace does not say when an object
#            comes next, and Belady does not find out. Only a trace format with that column gives the
#            optimum.
#
# Exits with 0 if the output is still the one below, with 1 if it has changed, with 3 if the packages
# cannot be installed.
set -eu

expected='LRU: 7 misses
FIFO: 9 misses
Belady: 9 misses'

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$folder" \
  libcachesim==0.3.5 numpy==2.2.6 >&2 || exit 3

{
  echo time,object,bytes
  time=0
  for object in 1 2 1 3 1 2 1 3 1 2 1 3; do
    echo "$time,$object,1"
    time=$((time + 1))
  done
} >"$folder/trace.csv"

seen=$(PYTHONPATH="$folder" timeout 60 python3 - "$folder/trace.csv" <<'PYTHON'
import sys

import libcachesim

columns = libcachesim.ReaderInitParam()
columns.has_header, columns.delimiter, columns.obj_id_is_num = True, ",", True
columns.time_field, columns.obj_id_field, columns.obj_size_field = 1, 2, 3
for name in ["LRU", "FIFO", "Belady"]:
    reader = libcachesim.TraceReader(sys.argv[1], libcachesim.TraceType.CSV_TRACE, columns)
    miss_ratio, _ = getattr(libcachesim, name)(cache_size=2).process_trace(reader)
    print(f"{name}: {round(miss_ratio * 12)} misses")
PYTHON
)
printf '%s\n' "$seen"
[ "$seen" = "$expected" ]

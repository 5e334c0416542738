"""Replays request sequences in caches of libcachesim, each cache empty at its first request.

Standard input: a JSON list of {"algorithm", "parameters", "capacityBytes", "requests": [[object,
bytes], ...]}.
Standard output: a JSON list of strings, one character per request: "1" for a hit, "0" for a miss.
"""

import json
import sys

import libcachesim

# libcachesim's default of 2^24 buckets takes 128 MiB per cache.
BUCKETS_AS_POWER_OF_TWO = 12


def replay(algorithm, parameters, capacity_bytes, requests):
    make = getattr(libcachesim, algorithm)
    cache = make(cache_size=capacity_bytes, hashpower=BUCKETS_AS_POWER_OF_TWO, **parameters)
    hits = []
    for time, (number, size) in enumerate(requests):
        request = libcachesim.Request()
        request.obj_id = number
        request.obj_size = size
        request.clock_time = time
        hits.append("1" if cache.get(request) else "0")
    return "".join(hits)


answers = [
    replay(each["algorithm"], each["parameters"], each["capacityBytes"], each["requests"])
    for each in json.load(sys.stdin)
]
json.dump(answers, sys.stdout)

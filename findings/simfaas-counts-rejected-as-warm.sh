#!/bin/sh
# A table of SimFaaS that counts rejected requests as warm starts.
#
# Package:   simfaas 0.2.2 (PyPI), a simulator of serverless platforms
# Input:     one request per second for 100 s, each served in 2.5 s, at most one instance at a time.
# Expected:  get_request_custom_states() reports how many requests were cold, warm and rejected in each
#            state of the caller. With a single state its rejections are those of get_result_dict's
#            counters, 66, up to the one request that it leaves out at the beginning.
# Behaviour: its column `rej` is always 0, and the 66 rejections are in `warm`: 33 + 66 = 99. In
#            get_request_custom_states of ServerlessSimulator.py the loop over the rejections adds to
#            the counter of warm starts.
#
# Exits with 0 if the output is still the one below, with 1 if it has changed, with 3 if the packages
# cannot be installed.
set -eu

expected='counters: 1 cold, 33 warm, 66 rejected
table: warm 99, rej 0'

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --target "$folder" \
  simfaas==0.2.2 numpy==2.2.6 pandas==2.3.3 scipy==1.15.3 matplotlib==3.10.7 tqdm==4.67.1 >&2 || exit 3

seen=$(PYTHONPATH="$folder" timeout 60 python3 - <<'PYTHON'
from simfaas.ServerlessSimulator import ServerlessSimulator
from simfaas.SimProcess import ConstSimProcess

simulator = ServerlessSimulator(
    arrival_process=ConstSimProcess(rate=1),
    warm_service_process=ConstSimProcess(rate=0.4),
    cold_service_process=ConstSimProcess(rate=0.4),
    expiration_threshold=100,
    max_time=100,
    maximum_concurrency=1,
)
simulator.generate_trace()
print(
    f"counters: {simulator.total_cold_count} cold, {simulator.total_warm_count} warm, "
    f"{simulator.total_reject_count} rejected"
)
table = simulator.get_request_custom_states(["any"] * len(simulator.hist_times))
print(f"table: warm {table['warm'][0]}, rej {table['rej'][0]}")
PYTHON
)
printf '%s\n' "$seen"
[ "$seen" = "$expected" ]

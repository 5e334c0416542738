# An example of a policy in Python: run it with `socklab run <trace> --policy
# docs/examples/largest_first.py`. It decides as largest-first.ts does.
family = "evict"
name = "largest-first"
summary = "Evicts the largest of the containers that have been idle longest."
source = "this page"
parameters = {
    "candidates": {
        "kind": "number",
        "default": 10,
        "unit": "containers",
        "min": 1,
        "max": 1000,
        "description": "how many of the longest idle containers are compared",
    },
}


class LargestFirst:
    def __init__(self, candidates):
        self.candidates = candidates

    def victim(self, view, needed_bytes):
        containers = view.containers
        idle, container = [], containers.oldest_idle()
        while container != -1 and len(idle) < self.candidates:
            idle.append(container)
            container = containers.next_idle(container)
        if not idle:
            return None  # nothing is idle: the start waits
        return {"tier": "handler", "container": max(idle, key=containers.reclaimable_bytes)}


def create(parameters, context):
    return LargestFirst(parameters["candidates"])

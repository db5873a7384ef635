"""The protocol between bench/peers.ts and a peer: lines of JSON on standard input and output."""

import json
import os
import sys


def serve(prepare):
    """`prepare(task)` returns (what to say of oneself, a function from a round's request to its result)."""
    # Libraries print too: only this process's own lines go to standard output.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(message):
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    try:
        about, run = prepare(json.loads(sys.stdin.readline()))
    except ImportError as error:
        say({"absent": str(error)})
        return
    say({"ready": True, **about})
    for line in sys.stdin:
        say(run(json.loads(line)))


def fastest(variants, trial, iterations, repeats=2):
    """Name and function of the fastest variant, and ms an iteration of each; one that fails is left out. `trial(function)` runs one and
    waits for its iterations."""
    from time import perf_counter

    times = {}
    for name, function in variants.items():
        try:
            trial(function)
            spent = []
            for _ in range(repeats):
                begun = perf_counter()
                trial(function)
                spent.append(perf_counter() - begun)
            times[name] = 1000 * min(spent) / iterations
        except Exception as error:  # a compiler may be absent, or memory short
            print(f"variant {name}: {error}", file=sys.stderr)
    name = min(times, key=times.get)
    return name, variants[name], times

"""BIPOP-CMA-ES of pycma: every restart's end is scored, until all modes are reached or the budget ends."""

import os
from time import perf_counter

from rounds import serve


# Matrices of ten rows gain nothing from threads, which only wait for each other.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")


def prepare(task):
    import cma
    import numpy as np
    from problems import Problem

    problem = Problem(task)
    low, high = problem.box.T

    class Enough(Exception):
        pass

    def run(request):
        rng = np.random.default_rng(request["seed"])
        problem.reset()
        spent = {"evaluations": 0}
        begun = perf_counter()

        def values(points):
            spent["evaluations"] += len(points)
            return list(problem.values(np.asarray(points)))

        def look(es):
            """Called after every generation: the end of a restart is known by its stop conditions."""
            if es.stop():
                problem.score(es.result.xbest)
            over = spent["evaluations"] >= request["evaluations"] or perf_counter() - begun >= request["seconds"]
            if problem.complete or over:
                raise Enough

        options = {"bounds": [list(low), list(high)], "verbose": -9, "verb_log": 0}
        width = float(np.max(high - low))
        try:
            while True:
                options["seed"] = int(rng.integers(1, 2**31))
                cma.fmin2(
                    lambda x: values([x])[0],
                    lambda: rng.uniform(low, high),
                    0.2 * width,
                    dict(options),
                    restarts=9,
                    bipop=True,
                    parallel_objective=values,
                    callback=look,
                )
        except Enough:
            pass
        return {"found": len(problem.reached), "evaluations": spent["evaluations"], "seconds": perf_counter() - begun}

    return {"version": f"pycma {cma.__version__}"}, run


if __name__ == "__main__":
    serve(prepare)

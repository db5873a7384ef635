"""Multi-start L-BFGS-B of SciPy from uniform points of the box, with gradients, until all modes are reached or the budget ends."""

import os
from time import perf_counter

from rounds import serve


# Matrices of ten rows gain nothing from threads, which only wait for each other.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")


def prepare(task):
    import numpy as np
    import scipy
    from problems import Problem
    from scipy.optimize import minimize

    problem = Problem(task)
    low, high = problem.box.T

    def run(request):
        rng = np.random.default_rng(request["seed"])
        problem.reset()
        evaluations = 0
        begun = perf_counter()
        while not problem.complete and evaluations < request["evaluations"] and perf_counter() - begun < request["seconds"]:
            end = minimize(problem.value_and_gradient, rng.uniform(low, high), jac=True, method="L-BFGS-B", bounds=problem.box)
            evaluations += end.nfev
            problem.score(end.x)
        return {"found": len(problem.reached), "evaluations": evaluations, "seconds": perf_counter() - begun}

    return {"version": f"SciPy {scipy.__version__}"}, run


if __name__ == "__main__":
    serve(prepare)

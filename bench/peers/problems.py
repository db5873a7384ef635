"""The problems of the whole-run comparison: value and gradient in NumPy, known modes. All are minimised.

A request names `problem` and `modes` (from modescape's own tables), so that both sides score against the same points.
"""

import numpy as np

TOLERANCE = 0.01


class Problem:
    def __init__(self, task):
        self.box = np.array(task["box"], float)
        self.modes = np.array(task["modes"], float)
        self.dim = len(self.box)
        self.values, self.value_and_gradient, self.jax = {
            "styblinski-tang": (_styblinski_tang, _styblinski_tang_gradient, _styblinski_tang_jax),
            "four-modes": (_four_modes, _four_modes_gradient, _four_modes_jax),
        }[task["problem"]]
        self.reached = set()

    def reset(self):
        self.reached = set()

    @property
    def complete(self):
        return len(self.reached) == len(self.modes)

    def score(self, points):
        """Notes which known modes the points are at."""
        for x in np.atleast_2d(points):
            away = np.linalg.norm(self.modes - x, axis=1)
            nearest = int(np.argmin(away))
            if away[nearest] <= TOLERANCE:
                self.reached.add(nearest)


def _styblinski_tang(x):
    """Rows of x."""
    return 0.5 * np.sum(x * (5 + x * (x * x - 16)), axis=-1)


def _styblinski_tang_gradient(x):
    return _styblinski_tang(x), 2.5 + x * (2 * x * x - 16)


def _styblinski_tang_jax(x):
    return 0.5 * (x * (5 + x * (x * x - 16))).sum(-1)


CORNERS = 1.5 * np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]], float)
VARIANCE = 0.25
NORMALISER = np.log(2 * np.pi * VARIANCE) + np.log(4)


def _four_modes(x):
    exponents = -np.sum((x[..., None, :] - CORNERS) ** 2, axis=-1) / (2 * VARIANCE)
    top = exponents.max(-1)
    return NORMALISER - top - np.log(np.exp(exponents - top[..., None]).sum(-1))


def _four_modes_gradient(x):
    exponents = -np.sum((x - CORNERS) ** 2, axis=1) / (2 * VARIANCE)
    top = exponents.max()
    shares = np.exp(exponents - top)
    total = shares.sum()
    return NORMALISER - top - np.log(total), (shares / total) @ (x - CORNERS) / VARIANCE


def _four_modes_jax(x):
    from jax.nn import logsumexp

    return NORMALISER - logsumexp(-((x[..., None, :] - CORNERS) ** 2).sum(-1) / (2 * VARIANCE), axis=-1)

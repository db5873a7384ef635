"""The iteration in NumPy: float32, products by its BLAS, arrays written into where that helps. Task as in iteration_jax.py."""

from time import perf_counter

from rounds import fastest, serve

RATE, TRUST, CENTRE = 0.1, 0.3, 0.5
BLOCK = 4096


def prepare(task):
    import numpy as np
    from scipy.linalg import solve_triangular

    d, k, n, iterations = task["d"], task["k"], task["n"], task["iterations"]
    m = n // k
    f32 = np.float32

    def prepared(mean, factor):
        inverse = np.stack([solve_triangular(a, np.eye(d, dtype=f32), lower=True, check_finite=False) for a in factor])
        logs = np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(1)
        return mean, factor, inverse, (-0.5 * d * np.log(2 * np.pi) - logs - np.log(k)).astype(f32)

    def log_density(x, state):
        """At the rows of x: one product a component, online log-sum-exp."""
        mean, _, inverse, norm = state
        top, total = None, None
        y = np.empty_like(x)
        for j in range(k):
            np.matmul(x - mean[j], inverse[j].T, out=y)
            log = norm[j] - f32(0.5) * np.einsum("ni,ni->n", y, y)
            if top is None:
                top, total = log, np.ones_like(log)
                continue
            new = np.maximum(top, log)
            total *= np.exp(top - new)
            total += np.exp(log - new)
            top = new
        return top + np.log(total)

    def log_density_one_product(x, state):
        mean, _, inverse, norm = state
        y = x @ inverse.reshape(k * d, d).T
        y -= np.einsum("kij,kj->ki", inverse, mean).reshape(k * d)
        np.square(y, out=y)
        log = norm - f32(0.5) * y.reshape(-1, k, d).sum(2)
        top = log.max(1)
        return top + np.log(np.exp(log - top[:, None]).sum(1))

    def columns(x, state):
        """For few dimensions: every coordinate a vector, no products of thin matrices."""
        mean, _, inverse, norm = state
        x = np.ascontiguousarray(x.T)
        logs = np.empty((k, x.shape[1]), f32)
        for j in range(k):
            away = x - mean[j][:, None]
            square = np.zeros(x.shape[1], f32)
            for i in range(d):
                y = inverse[j, i, 0] * away[0]
                for c in range(1, i + 1):
                    y += inverse[j, i, c] * away[c]
                square += y * y
            logs[j] = norm[j] - f32(0.5) * square
        top = logs.max(0)
        return top + np.log(np.exp(logs - top).sum(0))

    def moments(rng, state, density, block):
        mean, factor, _, _ = state
        values = np.empty(k, f32)
        g = np.empty((k, d), f32)
        matrix = np.empty((k, d, d), f32)
        for c in range(k):
            eps = rng.standard_normal((m, d), dtype=f32)
            f = np.empty(m, f32)
            for first in range(0, m, block):
                part = eps[first : first + block]
                x = part @ factor[c].T + mean[c]
                away = x - f32(CENTRE)
                f[first : first + block] = f32(-0.5) * np.einsum("ni,ni->n", away, away) - density(x, state)
            values[c] = f.mean()
            w = (f - values[c]) / f32(m - 1)
            g[c] = w @ eps
            matrix[c] = (eps * w[:, None]).T @ eps
        return values, g, matrix

    def step(state, g, matrix):
        mean, factor, _, _ = state
        means, factors = np.empty_like(mean), np.empty_like(factor)
        for c in range(k):
            size = np.sqrt(max(np.sum(g[c] ** 2), np.sum(matrix[c] ** 2)))
            rho = f32(min(RATE, TRUST / size))
            change = np.eye(d, dtype=f32) - rho * matrix[c] + f32(0.5) * rho**2 * (matrix[c] @ matrix[c])
            upper = np.linalg.cholesky(change[::-1, ::-1])[::-1, ::-1]
            factors[c] = solve_triangular(upper, factor[c].T, lower=False, check_finite=False).T
            means[c] = mean[c] + rho * (factors[c] @ solve_triangular(upper, g[c], lower=False, check_finite=False))
        return prepared(means, factors)

    start = prepared(np.array(task["means"], f32).reshape(k, d), np.broadcast_to(f32(task["deviation"]) * np.eye(d, dtype=f32), (k, d, d)))

    def whole(density, block):
        def run(seed):
            rng = np.random.Generator(np.random.SFC64(seed))
            state = start
            for _ in range(iterations):
                values, g, matrix = moments(rng, state, density, block)
                state = step(state, g, matrix)
            return float(values.mean())

        return run

    densities = {"a product a component": log_density, "one product": log_density_one_product}
    if d <= 4:
        densities["columns"] = columns
    variants = {
        f"{name}, {where}": whole(density, block) for name, density in densities.items() for where, block in (("whole", m), ("in blocks", BLOCK))
    }
    name, chosen, tried = fastest(variants, lambda run: run(1), iterations, repeats=1)

    def round_of(request):
        begun = perf_counter()
        value = chosen(request["seed"])
        return {"ms": 1000 * (perf_counter() - begun) / iterations, "value": value}

    return {"version": f"NumPy {np.__version__}", "variant": name, "tried": tried}, round_of


if __name__ == "__main__":
    serve(prepare)

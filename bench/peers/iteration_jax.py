"""The iteration in JAX: float32, jitted, the whole batch of iterations in one lax.scan.

Own samples, score estimator, full covariance, fixed temperature 1, on a round bowl; the step is NVA's iBLR rule.
Task: d, k, n, iterations, means [k][d], deviation, rng ("threefry" or "rbg").
"""

from rounds import fastest, serve

RATE, TRUST, CENTRE = 0.1, 0.3, 0.5


def prepare(task):
    import jax
    import jax.numpy as jnp
    import numpy as np
    from jax.scipy.linalg import solve_triangular

    d, k, n, iterations = task["d"], task["k"], task["n"], task["iterations"]
    m = n // k
    implementation = {"threefry": "threefry2x32", "rbg": "rbg"}[task["rng"]]
    eye = jnp.eye(d)

    def logs_scan(x, mean, inverse, norm):
        """log of the mixture at the rows of x: one product a component, online log-sum-exp."""

        def one(carry, component):
            top, total = carry
            mu, a, c = component
            y = (x - mu) @ a.T
            log = c - 0.5 * jnp.sum(y * y, axis=1)
            new = jnp.maximum(top, log)
            return (new, total * jnp.exp(top - new) + jnp.exp(log - new)), None

        start = (jnp.full(x.shape[0], -jnp.inf), jnp.zeros(x.shape[0]))
        (top, total), _ = jax.lax.scan(one, start, (mean, inverse, norm))
        return top + jnp.log(total)

    def logs_unrolled(x, mean, inverse, norm):
        """The same with the loop over components written out."""
        logs = []
        for j in range(k):
            y = (x - mean[j]) @ inverse[j].T
            logs.append(norm[j] - 0.5 * jnp.sum(y * y, axis=1))
        return jax.nn.logsumexp(jnp.stack(logs), axis=0)

    def logs_batched(x, mean, inverse, norm):
        y = jnp.einsum("knj,kij->kni", x[None] - mean[:, None], inverse)
        return jax.nn.logsumexp(norm[:, None] - 0.5 * jnp.sum(y * y, axis=2), axis=0)

    def logs_one_product(x, mean, inverse, norm):
        """All components in one product of matrices."""
        y = x @ inverse.reshape(k * d, d).T - jnp.einsum("kij,kj->ki", inverse, mean).reshape(k * d)
        squares = jnp.sum((y * y).reshape(-1, k, d), axis=2)
        return jax.nn.logsumexp(norm - 0.5 * squares, axis=1)

    def estimate(key, state, logs):
        """Moments of every component from rows of samples."""
        mean, factor, inverse, norm = state
        eps = jax.random.normal(key, (k, m, d))
        x = mean[:, None] + jnp.einsum("kmj,kij->kmi", eps, factor)
        value = -0.5 * jnp.sum((x - CENTRE) ** 2, axis=2)
        f = value - logs(x.reshape(n, d), mean, inverse, norm).reshape(k, m)
        f_mean = jnp.mean(f, axis=1, keepdims=True)
        w = (f - f_mean) / (m - 1)
        return f_mean[:, 0], jnp.einsum("km,kmi->ki", w, eps), jnp.einsum("kmi,kmj->kij", w[..., None] * eps, eps)

    def estimate_columns(key, state):
        """For few dimensions: every coordinate a vector over samples, all sums written out, so that XLA fuses them into loops."""
        mean, factor, inverse, norm = state
        eps = jax.random.normal(key, (d, k, m))
        x = [mean[:, i, None] + sum(factor[:, i, j, None] * eps[j] for j in range(i + 1)) for i in range(d)]
        value = -0.5 * sum((x[i] - CENTRE) ** 2 for i in range(d))
        logs = []
        for c in range(k):
            away = [x[i] - mean[c, i] for i in range(d)]
            rows = [sum(inverse[c, i, j] * away[j] for j in range(i + 1)) for i in range(d)]
            logs.append(norm[c] - 0.5 * sum(y * y for y in rows))
        top = logs[0]
        for log in logs[1:]:
            top = jnp.maximum(top, log)
        f = value - top - jnp.log(sum(jnp.exp(log - top) for log in logs))
        f_mean = jnp.mean(f, axis=1, keepdims=True)
        w = (f - f_mean) / (m - 1)
        weighted = [w * eps[i] for i in range(d)]
        g = jnp.stack([jnp.sum(weighted[i], axis=1) for i in range(d)], axis=1)
        entry = {(i, j): jnp.sum(weighted[i] * eps[j], axis=1) for i in range(d) for j in range(i + 1)}
        matrix = jnp.stack([jnp.stack([entry[max(i, j), min(i, j)] for j in range(d)], 1) for i in range(d)], 1)
        return f_mean[:, 0], g, matrix

    def prepared(mean, factor):
        inverse = jax.vmap(lambda a: solve_triangular(a, eye, lower=True))(factor)
        logs = jnp.sum(jnp.log(jnp.diagonal(factor, axis1=1, axis2=2)), axis=1)
        return mean, factor, inverse, -0.5 * d * jnp.log(2 * jnp.pi) - logs - jnp.log(float(k))

    def step(state, g, matrix):
        mean, factor, _, _ = state
        size = jnp.sqrt(jnp.maximum(jnp.sum(g * g, 1), jnp.sum(matrix * matrix, (1, 2))))
        rho = jnp.minimum(RATE, TRUST / size)[:, None, None]
        change = eye - rho * matrix + 0.5 * rho**2 * (matrix @ matrix)
        upper = jnp.flip(jnp.linalg.cholesky(jnp.flip(change, (1, 2))), (1, 2))
        new = jax.vmap(lambda u, a: solve_triangular(u, a.T, lower=False).T)(upper, factor)
        direction = jax.vmap(lambda u, v: solve_triangular(u, v, lower=False))(upper, g)
        return prepared(mean + rho[:, 0] * jnp.einsum("kij,kj->ki", new, direction), new)

    def whole(moments):
        @jax.jit
        def run(key, state):
            def one(carry, _):
                key, state = carry
                key, sub = jax.random.split(key)
                f, g, matrix = moments(sub, state)
                return (key, step(state, g, matrix)), jnp.mean(f)

            (_, state), f = jax.lax.scan(one, (key, state), None, length=iterations)
            return state, f[-1]

        return run

    variants = {
        name: whole(lambda key, state, logs=logs: estimate(key, state, logs))
        for name, logs in {
            "scan over components": logs_scan,
            "components written out": logs_unrolled,
            "batched": logs_batched,
            "one product": logs_one_product,
        }.items()
    }
    if d <= 4:
        variants["columns"] = whole(estimate_columns)

    start = jax.jit(prepared)(
        jnp.asarray(np.array(task["means"], np.float32).reshape(k, d)),
        jnp.broadcast_to(task["deviation"] * eye, (k, d, d)),
    )
    key = jax.random.key(1, impl=implementation)
    trial = lambda run: jax.block_until_ready(run(key, start))
    from time import perf_counter

    begun = perf_counter()
    jax.block_until_ready(whole(lambda key, state: estimate(key, state, logs_scan)).lower(key, start).compile())
    compile_ms = 1000 * (perf_counter() - begun)
    name, chosen, tried = fastest(variants, trial, iterations)

    def round_of(request):
        key = jax.random.key(request["seed"], impl=implementation)
        jax.block_until_ready(key)
        begun = perf_counter()
        _, f = jax.block_until_ready(chosen(key, start))
        return {"ms": 1000 * (perf_counter() - begun) / iterations, "value": float(f)}

    about = {"version": f"JAX {jax.__version__}", "variant": name, "tried": tried, "compileMs": compile_ms, "device": jax.devices()[0].platform}
    return about, round_of


if __name__ == "__main__":
    serve(prepare)

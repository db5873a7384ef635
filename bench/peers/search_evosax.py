"""CMA-ES of evosax: 64 restarts from uniform points of the box at a time, their generations in one jitted lax.scan, until all modes
are reached or the budget ends. Compiled before the first round."""

from time import perf_counter

from rounds import serve

RESTARTS = 64


def prepare(task):
    from importlib.metadata import version

    import jax
    import jax.numpy as jnp
    import numpy as np
    from evosax.algorithms import CMA_ES
    from problems import Problem

    problem = Problem(task)
    low, high = (jnp.asarray(side, jnp.float32) for side in problem.box.T)
    generations = 50 + 25 * problem.dim
    population = 4 + int(3 * np.log(problem.dim))
    strategy = CMA_ES(population_size=population, solution=jnp.zeros(problem.dim))
    params = strategy.default_params.replace(std_init=0.2 * float(jnp.max(high - low)))

    def one(key):
        key, start, init = jax.random.split(key, 3)
        state = strategy.init(init, jax.random.uniform(start, low.shape, minval=low, maxval=high), params)

        def generation(carry, key):
            state = carry
            ask, tell = jax.random.split(key)
            points, state = strategy.ask(ask, state, params)
            points = jnp.clip(points, low, high)
            state, _ = strategy.tell(tell, points, problem.jax(points), state, params)
            return state, None

        state, _ = jax.lax.scan(generation, state, jax.random.split(key, generations))
        return jnp.clip(strategy.get_mean(state), low, high)

    batch = jax.jit(jax.vmap(one))
    begun = perf_counter()
    batch.lower(jax.random.split(jax.random.key(0), RESTARTS)).compile()
    compile_ms = 1000 * (perf_counter() - begun)
    jax.block_until_ready(batch(jax.random.split(jax.random.key(0), RESTARTS)))

    def run(request):
        key = jax.random.key(request["seed"])
        problem.reset()
        evaluations = 0
        begun = perf_counter()
        while not problem.complete and evaluations < request["evaluations"] and perf_counter() - begun < request["seconds"]:
            key, sub = jax.random.split(key)
            problem.score(np.asarray(batch(jax.random.split(sub, RESTARTS))))
            evaluations += RESTARTS * generations * population
        return {"found": len(problem.reached), "evaluations": evaluations, "seconds": perf_counter() - begun}

    return {"version": f"evosax {version('evosax')}", "compileMs": compile_ms}, run


if __name__ == "__main__":
    serve(prepare)

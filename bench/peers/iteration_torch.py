"""The iteration in PyTorch: float32, batched, eager or compiled. Task as in iteration_jax.py."""

from time import perf_counter

from rounds import fastest, serve

RATE, TRUST, CENTRE = 0.1, 0.3, 0.5


def prepare(task):
    import torch

    d, k, n, iterations = task["d"], task["k"], task["n"], task["iterations"]
    m = n // k
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_grad_enabled(False)
    eye = torch.eye(d, device=device)

    def prepared(mean, factor):
        inverse = torch.linalg.solve_triangular(factor, eye.expand(k, d, d), upper=False)
        logs = torch.diagonal(factor, dim1=1, dim2=2).log().sum(1)
        constant = 0.5 * d * 1.8378770664093453 + torch.log(torch.tensor(float(k), device=device))
        return mean, factor, inverse, -constant - logs

    def logs_loop(x, mean, inverse, norm):
        logs = []
        for j in range(k):
            y = (x - mean[j]) @ inverse[j].T
            logs.append(norm[j] - 0.5 * (y * y).sum(1))
        return torch.logsumexp(torch.stack(logs), 0)

    def logs_batched(x, mean, inverse, norm):
        # (x - mu) A^T = x A^T - mu A^T, in one batched call
        y = torch.baddbmm(-(mean[:, None] @ inverse.mT), x.expand(k, -1, -1), inverse.mT)
        return torch.logsumexp(norm[:, None] - 0.5 * (y * y).sum(2), 0)

    def logs_one_product(x, mean, inverse, norm):
        y = torch.addmm(-(inverse @ mean[..., None]).reshape(k * d), x, inverse.reshape(k * d, d).T)
        return torch.logsumexp(norm - 0.5 * (y * y).view(-1, k, d).sum(2), 1)

    def logs_columns(x, mean, inverse, norm):
        x = x.T.contiguous()
        logs = []
        for j in range(k):
            y = inverse[j] @ (x - mean[j][:, None])
            logs.append(norm[j] - 0.5 * (y * y).sum(0))
        return torch.logsumexp(torch.stack(logs), 0)

    def moments(logs):
        def run(mean, factor, inverse, norm):
            eps = torch.randn(k, m, d, device=device)
            x = torch.baddbmm(mean[:, None], eps, factor.mT)
            value = -0.5 * ((x - CENTRE) ** 2).sum(2)
            f = value - logs(x.view(n, d), mean, inverse, norm).view(k, m)
            f_mean = f.mean(1, keepdim=True)
            w = (f - f_mean) / (m - 1)
            weighted = w[..., None] * eps
            return f_mean.mean(), weighted.sum(1), weighted.mT @ eps

        return run

    def step(state, g, matrix):
        mean, factor, _, _ = state
        size = torch.sqrt(torch.maximum((g * g).sum(1), (matrix * matrix).sum((1, 2))))
        rho = torch.clamp(TRUST / size, max=RATE)[:, None, None]
        change = eye - rho * matrix + 0.5 * rho**2 * (matrix @ matrix)
        upper = torch.linalg.cholesky(change.flip(1, 2)).flip(1, 2)
        new = torch.linalg.solve_triangular(upper, factor.mT, upper=True).mT
        direction = torch.linalg.solve_triangular(upper, g[..., None], upper=True)
        return prepared(mean + (rho * (new @ direction))[..., 0], new)

    start = prepared(torch.tensor(task["means"], device=device).view(k, d), (task["deviation"] * eye).expand(k, d, d))

    def whole(estimate):
        def run(seed):
            torch.manual_seed(seed)
            state = start
            for _ in range(iterations):
                value, g, matrix = estimate(*state)
                state = step(state, g, matrix)
            return float(value)  # waits for the device

        return run

    logs = {"a product a component": logs_loop, "batched": logs_batched, "one product": logs_one_product, "columns": logs_columns}
    variants = {name: whole(moments(function)) for name, function in logs.items()}
    if task.get("compile", True):
        for name in ("a product a component", "one product"):
            variants[f"{name}, compiled"] = whole(torch.compile(moments(logs[name])))
    name, chosen, tried = fastest(variants, lambda run: run(1), iterations, repeats=1)

    def round_of(request):
        begun = perf_counter()
        value = chosen(request["seed"])
        return {"ms": 1000 * (perf_counter() - begun) / iterations, "value": value}

    return {"version": f"PyTorch {torch.__version__}", "variant": name, "tried": tried, "device": device}, round_of


if __name__ == "__main__":
    serve(prepare)

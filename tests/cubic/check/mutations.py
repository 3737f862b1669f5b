"""Errors to plant in the training code: (name, text that occurs once in the file, replacement).

Each is a mistake that a person could make, or a shortcut that seems clever.
"""

Mutation = tuple[str, str, str]

NETWORK: list[Mutation] = [
    ("sign of the error", "np.subtract(self.f, y,", "np.subtract(y, self.f,"),
    ("factor 2", "self.error, 2 / len(y)", "self.error, 1 / len(y)"),
    ("W2 not transposed", 'np.dot(d2, p["W2"], out=d1)', 'np.dot(d2, p["W2"].T, out=d1)'),
    ("slope of the wrong layer", "d2 *= self._slope(h2)", "d2 *= self._slope(h1)"),
    ("slope forgotten", "d1 *= self._slope(h1)", "d1 *= 1"),
    ("slope of another function", "np.subtract(1, h, out", "np.subtract(1, h * h, out"),
    ("mean over the units", "self.error, 2 / len(y)", "self.error, 2 / self.h1.shape[1]"),
    ("mean over 3 at least", "self.error, 2 / len(y)", "self.error, 2 / max(len(y), 3)"),
    ("b3 forgotten", 'self.f += p["b3"]', "self.f += 0"),
    ("b2 forgotten", 'h2 += p["b2"]', "h2 += 0"),
    ("b3's sum is a mean", "np.sum(delta, axis=0", "np.mean(delta, axis=0"),
    ("float32 in between", 'np.multiply(d3, p["W3"]', 'np.multiply(d3.astype("f4"), p["W3"]'),
    (
        "the error clipped",
        "np.multiply(self.error, 2",
        "np.multiply(np.clip(self.error, -5, 5), 2",
    ),
    ("above batch 8", "self.error, 2 / len(y)", "self.error, 2 / min(len(y), 8)"),
    ("above 200 units", "d2 *= self._slope(h2)", "d2[:, :200] *= self._slope(h2)[:, :200]"),
    ("W1 without x's sign", '("1", d1, x)', '("1", d1, np.abs(x))'),
    ("the logistic function", "z += 1\n", "z += 1.0001\n"),
]

MOVE = "self.parameters[name] -= np.multiply(gradient, lr, out=gradient)"
DESCENT: list[Mutation] = [
    ("uphill", MOVE, MOVE.replace("-=", "+=")),
    ("half a step", MOVE, MOVE.replace("lr,", "lr / 2,")),
    ("b3 stays", MOVE, MOVE.replace("lr,", 'lr * (name != "b3"),')),
    ("W2 transposed", MOVE, MOVE.replace("gradient, lr", "gradient.T.reshape(gradient.shape), lr")),
    ("rate in float32", MOVE, MOVE.replace("lr,", "float(np.float32(lr)),")),
    ("gradient in float32", MOVE, MOVE.replace("gradient, lr", 'gradient.astype("f4"), lr')),
    ("gradient clipped", MOVE, MOVE.replace("gradient, lr", "np.clip(gradient, -5, 5), lr")),
    ("above 200 units", MOVE, MOVE.replace("lr,", "lr * (gradient.size <= 200**2),")),
    ("last part left out", "(0, len(x), batch_size)", "(0, len(x) - batch_size + 1, batch_size)"),
    ("above batch 8", "min(start + batch_size, len(x))", "min(start + min(batch_size, 8), len(x))"),
    ("mean over the asked count", "network.descend(lr)", "network.descend(lr * size / batch_size)"),
    ("targets of the first batch", "backward(x[batch], y[batch])", "backward(x[batch], y[:size])"),
    (
        "weights that are a copy",
        "= kind(parameters,",
        "= kind(__import__('copy').deepcopy(parameters),",
    ),
    ("reported sign", "errors[batch] = network.error", "errors[batch] = -network.error"),
]

BLAS: list[Mutation] = [
    ("factor 2", "d3 = 2 * error", "d3 = error"),
    ("sign of x", "axpy(W1, h1, n, -xi)", "axpy(W1, h1, n, xi)"),
    ("W2 not transposed", "d2, 0, d1, 0, 1, 0, 1, 0, 1)", "d2, 0, d1, 0, 1, 0, 1, 1, 1)"),
    ("slope of the wrong layer", "subtract(one, h1, slope)", "subtract(one, h2, slope)"),
    ("slope forgotten", "multiply(W3, slope, d2)", "multiply(W3, h2, d2)"),
    ("b3 stays", '["W3"][0], parameters["b3"][0] = W3b3[:n], W3b3[n]', '["W3"][0] = W3b3[:n]'),
    ("b3 forgotten in f", "dot(W3b3, h2_and_1) - yi", "dot(W3.copy(), h2.copy()) - yi"),
    ("b2 uphill", "axpy(d2, b2, n, -lr)", "axpy(d2, b2, n, lr)"),
    ("W1 without x", "axpy(d1, W1, n, -lr * xi)", "axpy(d1, W1, n, -lr)"),
    ("b1 stays", "axpy(d1, b1, n, -lr)", "axpy(d1, b1, n, 0)"),
    ("mean over all samples", "ger(-lr, h1", "ger(-lr / len(x), h1"),
    ("float32 in between", "d3 = 2 * error", "d3 = 2 * float(np.float32(error))"),
    ("the error clipped", "d3 = 2 * error", "d3 = 2 * min(max(error, -5), 5)"),
    ("above 200 units", "scal(d3, d2)", "scal(d3, d2, min(n, 200))"),
    ("reported factor", "errors.append(error)", "errors.append(d3)"),
]

COMPILED: list[Mutation] = [
    ("sign of the error", "errors[s] = f - y[s]", "errors[s] = y[s] - f"),
    ("factor 2", "number(2) / number(samples)", "number(1) / number(samples)"),
    ("mean over the units", "number(2) / number(samples)", "number(2) / number(hidden)"),
    ("W2 not transposed", "d1[0, j] += d2[0, i] * w", "d1[0, j] += d2[0, i] * W2[j, i]"),
    ("slope of the wrong layer", "lr * d1[s, i] * h1[s, i]", "lr * d1[s, i] * h2[s, i]"),
    ("b3 stays", "b3[0] -= move", "b3[0] -= number(0)"),
    ("b3 forgotten in f", "f = b3[0]", "f = number(0)"),
    (
        "b2 uphill",
        "* h1[s, j]\n        for s in range(samples):\n            b2[i] -= lr * d2[s, i]",
        "* h1[s, j]\n        for s in range(samples):\n            b2[i] += lr * d2[s, i]",
    ),
    ("without the rate", "move = lr * share * errors[s]", "move = share * errors[s]"),
    ("float32 in between", "d3 = share * errors[s]", "d3 = float(np.float32(share * errors[s]))"),
    ("the error clipped", "d3 = share * errors[s]", "d3 = share * min(max(errors[s], -5.0), 5.0)"),
    ("above batch 8", "-= lr * d2[s, i] * h1[s, j]", "-= (s < 8) * lr * d2[s, i] * h1[s, j]"),
    ("above 200 units", "z2 += W2[i, j]", "z2 += (j < 200) * W2[i, j]"),
    ("the logistic function", "u2 * (number(420)", "u2 * (number(421)"),
    (
        "a sample forgotten",
        "d1[s, j] += d2[s, i] * W2[i, j]\n        for j in range(hidden):  # first",
        "d1[s, j] += (s != 1) * d2[s, i] * W2[i, j]\n        for j in range(hidden):  # first",
    ),
    ("rate in float32", "x.dtype.type(lr)", "x.dtype.type(np.float32(lr))"),
]

MUTATIONS = {
    "network": ("network.py", NETWORK),
    "descent": ("network.py", DESCENT),
    "blas": ("blas.py", BLAS),
    "compiled": ("compiled.py", COMPILED),
}

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
    ("factor 2", "r = lr * error", "r = lr * error / 2"),
    ("sign of x", "gemv(0.5, V1, x_and_1,", "gemv(0.5, V1, x_and_1 * np.array([-1, 1], x.dtype),"),
    (
        "W2 not transposed",
        "gemv(0.0625, W2T, e2, 0, e1_and_0, 0, 1, 0, 1, 0, 1)",
        "gemv(0.0625, W2T, vectors[2, : rows.shape[1]], 0, e1, 0, 1, 0, 1, 1, 1)",
    ),
    ("slope of the wrong layer", "multiply(e1, q1, e1)", "multiply(e1, q2, e1)"),
    ("slope forgotten", "multiply(w3, q2, e2)", "multiply(w3, g2, e2)"),
    ("the logistic function", "axpy(ones, g1)", "axpy(ones, g1, n, 1.0001)"),
    ("W2 stays", "W2[:] = rows[:, :n]", "W2 += 0"),
    ("b3 stays", "W3[0], b3[0] = -0.5 * c2, w3, V3[n]", "W3[0] = -0.5 * c2, w3"),
    ("b3 forgotten in f", "dot(V3, g2_and_2) - yi", "dot(w3.copy(), g2.copy()) - yi"),
    ("b2 uphill", "b3[0] = -0.5 * c2,", "b3[0] = 2 * b2 + 0.5 * c2,"),
    ("W1 without x", "ger(-2 * r, e1, x_and_1,", "ger(-2 * r, e1, np.ones_like(x_and_1),"),
    ("b1 stays", "W1[:, 0], b1[:] = V1T", "W1[:, 0] = V1T[0]"),
    ("mean over all samples", "ger(0.25 * r, g1_and_0", "ger(0.25 * r / len(x), g1_and_0"),
    ("float32 in between", "r = lr * error", "r = lr * float(np.float32(error))"),
    ("the error clipped", "r = lr * error", "r = lr * min(max(error, -5), 5)"),
    ("above 200 units", "multiply(w3, q2, e2)", "multiply(w3[:200], q2[:200], e2[:200])"),
    ("reported factor", "errors.append(error)", "errors.append(2 * error)"),
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
    ("above batch 3", "-= lr * d2[s, i] * h1[s, j]", "-= (s < 3) * lr * d2[s, i] * h1[s, j]"),
    ("above batch 8", "np.dot(left.T, right, change)", "np.dot(left[:8].T, right[:8], change)"),
    ("W2 not transposed in BLAS", "np.dot(d2, W2, d1)", "np.dot(d2, W2.T, d1)"),
    ("b2 forgotten beside BLAS", "h2[s, i] += b2[i]", "h2[s, i] += 0"),
    (
        "b2 uphill beside BLAS",
        "    for s in range(len(d2)):\n        for i in range(len(b2)):\n            b2[i] -=",
        "    for s in range(len(d2)):\n        for i in range(len(b2)):\n            b2[i] +=",
    ),
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

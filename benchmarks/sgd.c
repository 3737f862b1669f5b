/* Stochastic gradient descent on the network of nnlab cubic, as one writes it in C: the loops of
   nnlab/cubic/compiled.py at batch size 1, with the C library's exponential. Built by
   benchmarks/cubic.py for -DREAL=float or -DREAL=double with -O3 -march=native -ffast-math. */
#include <stddef.h>
#include <tgmath.h>

static inline REAL sigmoid(REAL z) { return 1 / (1 + exp(-z)); }

void descend(ptrdiff_t n, REAL *restrict W1, REAL *restrict b1, REAL *restrict W2,
             REAL *restrict b2, REAL *restrict W3, REAL *restrict b3, ptrdiff_t samples,
             const REAL *restrict x, const REAL *restrict y, double rate,
             REAL *restrict buffers)
{
    REAL *restrict h1 = buffers, *restrict h2 = h1 + n, *restrict d1 = h2 + n, *restrict d2 = d1 + n;
    const REAL lr = (REAL)rate;
    for (ptrdiff_t s = 0; s < samples; s++) {
        for (ptrdiff_t i = 0; i < n; i++) h1[i] = sigmoid(W1[i] * x[s] + b1[i]);
        for (ptrdiff_t i = 0; i < n; i++) {
            REAL z = b2[i];
            for (ptrdiff_t j = 0; j < n; j++) z += W2[i * n + j] * h1[j];
            h2[i] = z;
        }
        REAL f = *b3;
        for (ptrdiff_t i = 0; i < n; i++) {
            h2[i] = sigmoid(h2[i]);
            f += W3[i] * h2[i];
        }
        const REAL d3 = 2 * (f - y[s]);
        for (ptrdiff_t i = 0; i < n; i++) {
            d2[i] = d3 * W3[i] * h2[i] * (1 - h2[i]);
            W3[i] -= lr * d3 * h2[i];
            d1[i] = 0;
        }
        *b3 -= lr * d3;
        for (ptrdiff_t i = 0; i < n; i++) {
            const REAL delta = d2[i], move = lr * d2[i];
            for (ptrdiff_t j = 0; j < n; j++) {
                d1[j] += delta * W2[i * n + j];
                W2[i * n + j] -= move * h1[j];
            }
            b2[i] -= move;
        }
        for (ptrdiff_t i = 0; i < n; i++) {
            const REAL move = lr * d1[i] * h1[i] * (1 - h1[i]);
            b1[i] -= move;
            W1[i] -= move * x[s];
        }
    }
}

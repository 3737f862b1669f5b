"""The interval of a number that only all seeds together have, such as their spread.

The jackknife leaves out one seed after the other. With theta of all n seeds and theta_k without
seed k, the pseudo-value of seed k is

    n theta - (n - 1) theta_k

The mean of the pseudo-values is theta, less its bias of order 1/n, and Student's t interval of
this mean holds for theta: pseudo-values are decided like the measurements of single runs.

Sources: J. W. Tukey, "Bias and confidence in not-quite large samples", Annals of Mathematical
Statistics 29 (1958), page 614. For logarithms of variances: R. G. Miller, "Jackknifing variances",
Annals of Mathematical Statistics 39 (1968), pages 567 to 582.
"""

from collections.abc import Callable, Collection

FEWEST = 3  # seeds: without one of them, two are left, and they have a spread


def pseudo_values(
    seeds: Collection[int], statistic: Callable[[Collection[int]], float]
) -> dict[int, float]:
    """Return the pseudo-value of each seed; nothing for fewer than 3 seeds.

    Args:
        seeds: the seeds.
        statistic: computes the number from some of the seeds, two or more.
    """
    n = len(seeds)
    if n < FEWEST:
        return {}
    whole = statistic(seeds)
    return {
        seed: n * whole - (n - 1) * statistic([each for each in seeds if each != seed])
        for seed in sorted(seeds)
    }

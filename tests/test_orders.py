"""The orders of an epoch, as properties of what they are defined to be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from nnlab.orders import AnyOrder, visits

samples, seeds, epochs = st.integers(1, 60), st.integers(0, 2**32 - 1), st.integers(0, 99)
PERMUTATIONS: list[AnyOrder] = ["reshuffle", "stored", "once", "flip-flop"]


@given(order=st.sampled_from(PERMUTATIONS), samples=samples, seed=seeds, epoch=epochs)
def test_an_epoch_visits_each_sample_once(
    order: AnyOrder, samples: int, seed: int, epoch: int
) -> None:
    assert sorted(visits(order, samples, seed, epoch)) == list(range(samples))


@given(samples=samples, seed=seeds, epoch=epochs)
def test_random_orders_of_a_seed_start_alike(samples: int, seed: int, epoch: int) -> None:
    first = visits("reshuffle", samples, seed, 0).tolist()
    assert visits("once", samples, seed, epoch).tolist() == first
    assert visits("flip-flop", samples, seed, 0).tolist() == first


@given(samples=samples, seed=seeds, pair=epochs)
def test_flip_flop_goes_forth_and_back(samples: int, seed: int, pair: int) -> None:
    forth, back = (visits("flip-flop", samples, seed, 2 * pair + k).tolist() for k in (0, 1))
    assert back == forth[::-1]
    assert forth == visits("reshuffle", samples, seed, 2 * pair).tolist()


@pytest.mark.parametrize("order", ["reshuffle", "flip-flop", "replacement"])
def test_epochs_and_seeds_have_other_random_orders(order: AnyOrder) -> None:
    drawn = [tuple(visits(order, 50, seed, epoch)) for seed in (0, 1) for epoch in range(4)]
    assert len(set(drawn)) == len(drawn)


def test_with_replacement_each_sample_is_as_likely_at_each_place() -> None:
    """Also pairs of neighbours: a draw does not depend on the one before it."""
    drawn = np.concatenate([visits("replacement", 10, seed=3, epoch=k) for k in range(4000)])
    assert chisquare(np.bincount(drawn, minlength=10)).pvalue > 1e-3
    pairs = 10 * drawn[::2] + drawn[1::2]
    assert chisquare(np.bincount(pairs, minlength=100)).pvalue > 1e-3


def test_an_epoch_with_replacement_misses_a_share_of_1_over_e() -> None:
    missed = 1 - len(np.unique(visits("replacement", 100_000, seed=0, epoch=0))) / 100_000
    assert missed == pytest.approx(np.exp(-1), abs=0.005)

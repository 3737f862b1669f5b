"""Tests of nnlab.replays."""

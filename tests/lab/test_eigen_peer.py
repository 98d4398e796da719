# Copyright 2026 the gr-fewbit authors.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A benchmark's peer that not everyone has installed."""

import pytest
from benchmark_module import benchmark


@pytest.fixture
def eigen_peer(monkeypatch):
    return benchmark("eigen_peer", monkeypatch)


def test_says_what_to_install_where_there_is_no_eigen(eigen_peer, monkeypatch, tmp_path):
    monkeypatch.setenv("PKG_CONFIG_LIBDIR", str(tmp_path))
    monkeypatch.setenv("PKG_CONFIG_PATH", str(tmp_path))
    with pytest.raises(eigen_peer.EigenMissingError, match="install libeigen3-dev"):
        eigen_peer.eigen_ways(str(tmp_path))


def test_says_so_where_there_is_no_compiler(eigen_peer, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(eigen_peer.EigenMissingError, match="no C.. compiler"):
        eigen_peer.eigen_ways(str(tmp_path))

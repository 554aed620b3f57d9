"""Permission is a token that only the core makes."""

import pytest

from runtime_proxy.core.verdict import SEAL, Permit


def test_nobody_permits_without_the_seal():
    with pytest.raises(TypeError):
        Permit(None, "me", seal=object())
    assert Permit(None, "core", seal=SEAL).origin == "core"

"""Messages and lines are masked with what stands beside a word, not word by word."""

import pytest

from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.secret_line import without_secrets


@pytest.mark.promise("secrets")
@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("bad value: --password hunter2hunter2", "bad value: --password ***"),
        ("curl -u me:s3cr3tw0rd1 failed", "curl -u me:*** failed"),
        ("API_KEY: kd83jf72k", "API_KEY: ***"),
        ("DB_PASSWORD=correcthorse", "DB_PASSWORD=***"),
        ("Authorization: Bearer abcdefgHIJ", "Authorization: Bearer ***"),
        ("postgresql://app:Correcthorse@db/app", "postgresql://app:***@db/app"),
        ("a: --token abcd1234\n         ^", "a: --token ***"),
        ("x.yaml:1:2: `--key: a sentence` is wrong", "x.yaml:1:2: `--key: a sentence` is wrong"),
    ],
)
def test_a_message_is_masked_by_what_stands_beside_a_word(said: str, shown: str) -> None:
    assert without_secrets(said, Packs.shipped()) == shown

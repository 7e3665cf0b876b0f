"""Secrets are found in whatever carries them, and nothing of them is shown."""

import base64
import json
import random
import string
from importlib.resources import files

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.knowledge.secrets import LONGEST, MASK, Found, mask, names_secret, references

ALNUM = string.ascii_letters + string.digits


class Packs:
    """Two credentials of one provider, as the packs would tell them."""

    def prefixes(self) -> tuple[tuple[str, str, str], ...]:
        return (("github_pat_", "github", "fine_grained_pat"), ("ghp_", "github", "classic_pat"))

    def provider_of_variable(self, name: str) -> str:
        return "github" if name.upper().startswith(("GITHUB", "GH_")) else ""


PACKS = Packs()


def body(length: int, alphabet: str = ALNUM) -> str:
    """The same random characters in each run; with a digit and both cases."""
    chosen = random.Random(length).choices(alphabet, k=length)
    return "".join(chosen[:-3]) + "a7Q"


def jwt(**claims: object) -> str:
    """A token that nobody signed."""
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, body(43)])


PREFIXES = (
    *("ghp_", "gho_", "ghu_", "ghs_", "github_pat_", "xoxb-", "xoxp-", "xoxa-", "xapp-", "sk-", "sk-ant-"),
    *("sk-proj-", "AIza", "ya29.", "lin_api_", "ntn_", "glpat-"),
    *("npm_", "pypi-", "hf_", "r8_", "SG.", "shpat_"),
    *("dop_v1_", "sntrys_", "figd_", "rk_live_", "sk_live_", "whsec_", "tvly-", "fc-", "ctx7sk"),
)
SHAPES = {prefix: prefix + body(40) for prefix in PREFIXES} | {
    "AKIA": "AKIA" + "Q3EGWZ7XKLMNOP2R",
    "ASIA": "ASIA" + "Q3EGWZ7XKLMNOP2R",
    "jwt": jwt(sub="someone", exp=1767225600),
    "telegram": "123456789:" + body(35),
}
CARRIERS = {
    "bare": ("{}", ""),
    "variable": ("{}", "SOME_API_KEY"),
    "flag": ("--api-key={}", "--api-key"),
    "other flag": ("--config={}", "--config"),
    "header": ("Bearer {}", "Authorization"),
    "header argument": ("Authorization: Bearer {}", ""),
    "query": ("https://mcp.example.com/mcp?profile=a&api_key={}&b=c", "url"),
    "path": ("https://mcp.example.com/s/{}/mcp", "url"),
    "password": ("postgres://user:{}@db.internal:5432/app", "DATABASE_URL"),
    "json": ('{{"apiKey": "{}", "region": "eu"}}', "--config"),
    "escaped json": ('"{{\\"apiKey\\":\\"{}\\"}}"', ""),
    "headers": ('{{"Authorization": "Bearer {}", "Notion-Version": "2022-06-28"}}', "OPENAPI_MCP_HEADERS"),
    "shell": ('bash -c "export TOKEN={}; npx -y server"', ""),
    "docker": ("SOME_TOKEN={}", ""),
    "curl": ("curl -H 'X-Api-Key: {}' https://api.example.com", ""),
    "fallback": ("${{SOME_TOKEN:-{}}}", "SOME_TOKEN"),
    "reference": ("${{env:{}}}", "--access-token"),
}


def shows(text: str, secret: str) -> bool:
    """Whether eight characters of a secret in a row stand in a text."""
    return any(secret[at : at + 8] in text for at in range(len(secret) - 7))


@pytest.mark.promise("secrets")
@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_of_a_secret_is_shown(shape: str, carrier: str) -> None:
    secret = SHAPES[shape]
    template, name = CARRIERS[carrier]
    masked = mask(template.format(secret), name, PACKS)
    assert not shows(masked.text, secret)
    assert secret in [found.value for found in masked.found]
    assert secret not in repr(masked)
    assert mask(masked.text, name, PACKS) == type(masked)(masked.text)


RESTS = st.text(ALNUM + "_-", min_size=32, max_size=80)
PASSWORDS = st.text(ALNUM + "!$%^*+/=.-_", min_size=9, max_size=40)


def test_the_shortest_tokens_are_masked_where_nothing_else_tells() -> None:
    """What is looked at first, to save time, passes over none of them."""
    fewest = dict.fromkeys(PREFIXES, 16)
    shapes = yaml.safe_load((files("mcpaudit.knowledge") / "secret_shapes.yaml").read_text("utf-8"))
    fewest |= {prefix: least for prefix, (_, least) in shapes["prefixes"].items()}
    assert "npg_" in fewest
    for prefix, least in fewest.items():
        if "://" not in prefix:
            secret = prefix + ("7q" * least)[:least]
            assert mask(f"a {secret} b", "", PACKS).text == f"a {MASK} b", prefix


@pytest.mark.promise("secrets")
@given(RESTS, st.sampled_from(PREFIXES), st.sampled_from(sorted(CARRIERS)))
def test_nothing_of_a_random_token_is_shown(rest: str, prefix: str, carrier: str) -> None:
    secret = prefix + "7Qa" + rest + "Zb4k9wX"
    template, name = CARRIERS[carrier]
    assert not shows(mask(template.format(secret), name, PACKS).text, secret)


@pytest.mark.promise("secrets")
@given(PASSWORDS, st.sampled_from(("postgres", "mongodb+srv", "https")))
def test_nothing_of_a_password_is_shown(rest: str, scheme: str) -> None:
    password = "kQ7" + rest + "z9"
    masked = mask(f"{scheme}://admin:{password}@host:5432/db?x=1", "", PACKS)
    assert masked.text == f"{scheme}://admin:***@host:5432/db?x=1"


@given(st.text(max_size=300), st.sampled_from(("", "TOKEN", "PASSWORD", "Authorization", "url")))
def test_any_text_is_masked_once_and_for_all(text: str, name: str) -> None:
    masked = mask(text, name, PACKS)
    assert all(found.value in text for found in masked.found)
    assert bool(masked.found) == (masked.text != text) or "***" in text


@pytest.mark.parametrize(
    ("text", "name", "shown", "found"),
    [
        (SHAPES["ghp_"], "", "***", ("classic_pat", "github")),
        (SHAPES["glpat-"], "GITHUB_TOKEN", "***", ("token", "gitlab")),
        ("hunter2", "GITHUB_PASSWORD", "***", ("password", "github")),
        ("abc123", "--token", "***", ("token", "")),
        ("VALUE", "--api-key", "***", ("key", "")),
        ("Basic dXNlcjpwYXNz", "Authorization", "Basic ***", ("basic", "")),
        ("token abcdef", "Authorization", "token ***", ("token", "")),
        ("Bearer short", "Authorization", "Bearer ***", ("bearer", "")),
        ("mysql://u:s3cr/e@t#@host/d?x=a@b", "", "mysql://u:***@host/d?x=a@b", ("password", "sql")),
        ("mongodb+srv://u:pw9@h/x", "", "mongodb+srv://u:***@h/x", ("password", "nosql")),
        ("redis://:pw12@h:6379", "", "redis://:***@h:6379", ("password", "nosql")),
        ("https://u:p4ss@h/x", "url", "https://u:***@h/x", ("password", "")),
        ("Server=x;Password=abc def;Db=1", "", "Server=x;Password=***;Db=1", ("password", "")),
        ("Password=abcdef;Server=x", "", "Password=***;Server=x", ("password", "")),
        ("DB_PASSWORD=correct horse battery", "", "DB_PASSWORD=***", ("password", "")),
        ("DB_PASSWORD=a&b,c;d", "", "DB_PASSWORD=***", ("password", "")),
        ("TOKEN=abc npx -y foo", "", "TOKEN=*** npx -y foo", ("token", "")),
        ("foo --password hunter2 --x y", "", "foo --password *** --x y", ("password", "")),
        ('{"apiKey": "abc\\"def", "x": 1}', "", '{"apiKey": "***", "x": 1}', ("key", "")),
        ("$env:TOKEN = 'abc def'", "", "$env:TOKEN = '***'", ("token", "")),
        ("$ecretP4ss", "DB_PASSWORD", "***", ("password", "")),
        ("Cookie: a=b; c=d", "", "Cookie: ***", ("token", "")),
        (
            "https://hooks.slack.com/services/T0123/B0123/abcdEFGH1234",
            *("", "https://hooks.slack.com/services/***", ("incoming_webhook", "slack")),
        ),
        (
            "https://mcp.example.net/0d3f0a4c-1111-4222-8333-444455556666/x",
            *("url", "https://mcp.example.net/***/x", ("key", "")),
        ),
        (
            "https://server.smithery.ai/x/mcp?config=eyJhcGlLZXkiOiJhYmNkZWZnaGlqIn0=&profile=a",
            *("url", "https://server.smithery.ai/x/mcp?config=***&profile=a", ("key", "")),
        ),
        ("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----", "", "***", ("private_key", "")),
        ("x -----BEGIN PRIVATE KEY-----\\nMII and never an end", "", "x ***", ("private_key", "")),
    ],
)
def test_only_the_secret_is_masked(text: str, name: str, shown: str, found: tuple[str, str]) -> None:
    masked = mask(text, name, PACKS)
    assert masked.text == shown
    assert [(secret.kind, secret.provider) for secret in masked.found] == [found]


@pytest.mark.parametrize("name", ["API_KEY", "Authorization", "--token", "DB_SECRET"])
@pytest.mark.parametrize(
    "text",
    [
        # What people write where a secret will go: marks to be filled in, references, and paths.
        *("<YOUR_TOKEN>", "your-api-key-here", "xxx", "XXXX", "***", "changeme", "...", "", " ", "$TOKEN"),
        *("$TOKEN_2", "$apiToken", "${TOKEN}", "${env:TOKEN}", "${input:the-token}", "{env:TOKEN}"),
        *("%TOKEN%", "${TOKEN:-}", "{{token}}"),
        *("TODO", "example", "placeholder", "REPLACE_ME", "[REDACTED]", "Bearer <token>", "Bearer ${TOKEN}"),
        *("Bearer YOUR_GITHUB_PAT", "ghp_xxxxxxxxxxxx", "ghp_your_token_here_0123"),
        *("sk-ant-your-key", "sk-..."),
        *("AKIAIOSFODNN7EXAMPLE", "${{ secrets.TOKEN }}", "${TOKEN:?must be set}"),
        *("OPENAI_API_KEY", "42", "true"),
        *("/run/secrets/token", "~/.keys/a.json", "C:\\keys\\a.pem", "https://auth.example.com/x", "false"),
        *("$(cat /run/secrets/token)", "process.env.TOKEN"),
    ],
)
def test_what_holds_the_place_of_a_secret_is_none(text: str, name: str) -> None:
    assert mask(text, name, PACKS) == type(mask("", "", PACKS))(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(("--api-key", "--api-key"), ("https://auth:8080/x", "url"), ("ghcr.io/acme/my-auth:latest", "")),
        *(("oauth", "--auth"), ("main", "SESSION"), ("@scope/sk-server", ""), ("64000", "MAX_TOKENS")),
        *(("a-task-runner-with-a-quite-long-name-2", ""), ("postgres://user:password@host/db", "")),
        *(("python -c 'api_key = os.environ[1]'", ""), ("postgresql://localhost-of-ours-1.example/db", "")),
        ("https://github.com/a/b/blob/0123456789abcdef0123456789abcdef01234567/x", "url"),
        ("https://example.com/a-quite-long-slug-of-many-words-in-a-path", "url"),
        *(("npm_config_registry=https://npm.example.com", ""), ("bearer authentication", "")),
        ("basic usage", ""),
        *(("mcp-remote", ""), ("--header", ""), ("http://localhost:3000/mcp", "url"), ("monkey=banana", "")),
    ],
)
def test_what_only_resembles_a_secret_stays(text: str, name: str) -> None:
    assert mask(text, name, PACKS) == type(mask("", "", PACKS))(text)


def test_a_jwt_says_when_it_expires() -> None:
    (found,) = mask(SHAPES["jwt"], "", PACKS).found
    assert found == Found("jwt", "", SHAPES["jwt"], "2026-01-01")
    assert mask(jwt(sub="x", exp="soon"), "", PACKS).found[0].expires == ""
    assert mask(jwt(iat=1, exp=99999999999), "", PACKS).found[0].expires == "5138-11-16"


def test_several_secrets_are_found_each_once() -> None:
    two = f"{SHAPES['ghp_']},{SHAPES['xoxb-']}"
    masked = mask(f"{two},{SHAPES['ghp_']}", "TOKENS", PACKS)
    assert masked.text == "***"
    assert [found.provider for found in masked.found] == ["github", "slack"]


def test_names() -> None:
    secret = (
        "token SECRET db_password PASSWD pwd pass apikey api_key ACCESS_KEY private-key credentials "
        "auth X-Auth Authorization bearer GITHUB_PAT OPENAI_KEY openaiKey cookie session accessToken "
        "API_TOKENS "
        "AccountKey clientsecret API_KEY_2 API_KEY_PROD --api-key SESSION_ID VAULT_SECRET_ID X-Api-Key"
    )
    other = (
        "PUBLIC_KEY KEY_FILE KEY_PATH SECRETS_DIR KEYBOARD TOKEN_LIMIT MAX_TOKENS TOKEN_URL AUTH_URL "
        "AUTH_METHOD AUTH_ENDPOINT TOKEN_TYPE AUTH_MODE USER USERNAME EMAIL PATH AUTHOR MONKEY TOKENIZER "
        "PASSTHROUGH compass AWS_ACCESS_KEY_ID MAX_OUTPUT_TOKENS tokensPerMinute"
    )
    assert [name for name in secret.split() if not names_secret(name)] == []
    assert [name for name in (*other.split(), "", "-", "é") if names_secret(name)] == []


def test_references_are_named_once_and_in_order() -> None:
    text = "${X} ${Y:-d} $Z ${env:E} ${input:an-input} {env:Q} %P% ${{ secrets.A }} $env:W $$N a$B ${X} 9% $1"
    assert references(text) == ("X", "Y", "Z", "E", "an-input", "Q", "P", "secrets.A", "W")


def test_long_values() -> None:
    long = "lorem ipsum " * (LONGEST // 6)
    assert mask(long, "TOKEN", PACKS).text == "***"
    masked = mask(f"{SHAPES['ghp_']} {long}{SHAPES['xoxb-']}", "text", PACKS)
    assert masked.text.startswith("*** lorem")
    assert len(masked.text) < LONGEST
    assert [found.provider for found in masked.found] == ["github"]
    cut = mask(" " * (LONGEST - 20) + SHAPES["ghp_"] + " " * LONGEST, "text", PACKS)
    assert not shows(cut.text, SHAPES["ghp_"])


HOSTILE = [
    *("a", "A", "-", "=", "a=", "TOKEN=", "TOKEN='", "'TOKEN=", '"TOKEN="', "'TOKEN=\"TOKEN=", ";TOKEN=a "),
    *("token: ", "token:", "--token ", "--token", "eyJ", "eyJ."),
    *("eyJ/", "eyJhIjoi/", "ghp_", "sk-", "://", "@"),
    *("http://", "://a:b@", "a:b@://", "/", "/" + "a" * 31, "?token="),
    *("${", "${a", "${a:", "${TOKEN:-", "{{", "{"),
    *("<", "[", "$(", "`", "%a", "%a%"),
    *("$a", "bearer ", "bearer\t\t", "Bearer Bearer", "-----BEGIN ", "-----END"),
    *("-----BEGIN PRIVATE KEY-----", "\\", '\\"', '"token\\": \\"', "token ", "."),
    *("x", "***", " ", "1", "1:", "é"),
    *("TOKEN=<", "TOKEN=/a", "auth=/auth=", "AKIA", "patA1"),
    *("MTA.", "TOKEN=${a:", "\ud83d", "\x00", "pass:=>"),
    *("a b=", "; a=", "YOUR", "token=your ", "xoxb-xxxx", "TOKEN=$("),
    *("key_", "A_", "TOKEN=A_B", "-a1", "Token"),
    *("https://hooks.slack.com/services/", "%2", "TOKEN={a ", "[A", "<a ", "{{a", "$(a", "${{ a"),
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_end_and_stay_short(hostile: str) -> None:
    """A quadratic pattern would take hours here; `benchmarks/masking.py` has the figures."""
    text = (hostile * 102_400)[:102_400]
    assert mask(text[: LONGEST - 1] + "!", "PASSWORD", PACKS).text != text
    assert len(mask(text, "url", PACKS).text) <= LONGEST
    assert isinstance(references(text), tuple)
    assert names_secret(text) in (True, False)

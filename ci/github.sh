#!/usr/bin/env bash
# What action.yml runs: `github.sh key|install|audit|comment`. Everything that others may have written, names of
# branches and folders too, comes in variables and is never read as code.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
out="$RUNNER_TEMP/mcpaudit"
python="$out/venv/bin/python"

# -P: the audited folder is the current one, and nothing may be imported from it.
mcpaudit() {
  if [ -n "${VERSION:-}" ]; then
    "$python" -P -m mcpaudit "$@"
  else
    PYTHONPATH="$here" "$python" -P -m mcpaudit "$@"
  fi
}

# What decides which files pip downloads.
key() {
  local text
  text="$(cat "$here/requirements.lock")${VERSION:-}"
  echo "key=$(printf '%s' "$text" | python -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest()[:16])')" >>"$GITHUB_OUTPUT"
}

install() {
  python -m venv "$out/venv"
  local pip=("$python" -m pip install --quiet --disable-pip-version-check --cache-dir "$out/pip")
  if [ -z "${VERSION:-}" ]; then
    "${pip[@]}" --require-hashes -r "$here/requirements.lock"
  elif [[ "$VERSION" =~ ^[0-9][0-9A-Za-z.+!-]*$ ]]; then
    "${pip[@]}" "mcp-reach-audit==$VERSION"
  else
    echo "::error title=mcpaudit::The input 'version' is no version"
    exit 2
  fi
}

audit() {
  cd "$GITHUB_WORKSPACE"
  mkdir -p "$out"
  local words=() code=0 token
  read -r -d '' -a words <<<"${ARGUMENTS:-}" || true
  [ -z "${FAIL_ON:-}" ] || words+=(--fail-on "$FAIL_ON")
  # Texts of the repository may stand in what follows; no line of it is to be a command to the runner.
  token="$(python -c 'import secrets; print(secrets.token_hex(16))')"
  echo "::stop-commands::$token"
  mcpaudit check --no-home "${words[@]+"${words[@]}"}" --format text --format "json=$out/report.json" \
    --format "sarif=$out/report.sarif" --format "summary=$out/summary.md" --format "comment=$out/comment.md" \
    --format "annotations=$out/annotations.txt" -- "$TARGET" || code=$?
  echo "::$token::"
  [ -f "$out/annotations.txt" ] || exit "$code"
  cat "$out/annotations.txt"
  delta "$token"
  summary
  {
    echo "exit-code=$code"
    echo "report=$out/report.json"
    echo "sarif=$out/report.sarif"
    # A text in the file has its quotes escaped, so that only the run itself can say this.
    if grep -q '^ *"executionSuccessful": true' "$out/report.sarif"; then echo "complete=true"; fi
  } >>"$GITHUB_OUTPUT"
}

# With a base to compare with, what is new decides, and the comment is about that. Sets `code`.
delta() {
  [ -n "${BASE:-}" ] && mcpaudit diff --help >/dev/null 2>&1 || return 0
  if ! base_is_here; then
    echo "::warning title=mcpaudit::The base is not here, so everything was judged and not only what is new"
    return 0
  fi
  local words=() new=0
  [ -z "${FAIL_ON:-}" ] || words+=(--fail-on "$FAIL_ON")
  echo "::stop-commands::$1"
  mcpaudit diff "${words[@]+"${words[@]}"}" --path "$TARGET" --format "markdown=$out/delta.md" -- "$BASE" || new=$?
  echo "::$1::"
  if [ -f "$out/delta.md" ]; then
    mv "$out/delta.md" "$out/comment.md"
    code=$new
  fi
}

base_is_here() {
  [[ "$BASE" != -* ]] || return 1
  git cat-file -e "$BASE^{commit}" 2>/dev/null || git fetch --quiet --no-tags --depth=1 origin "$BASE" 2>/dev/null
}

# A step may write 1 MiB; the comment is what is left where the whole is more.
summary() {
  local whole="$out/summary.md"
  [ "$(wc -c <"$whole")" -le 1000000 ] || whole="$out/comment.md"
  cat "$whole" >>"$GITHUB_STEP_SUMMARY"
}

# One comment a target, found again by its first line, and only where a bot wrote it.
comment() {
  local marker body="$out/body.md" issue="repos/$GITHUB_REPOSITORY/issues" id
  marker="<!-- mcpaudit:$(printf '%s' "$TARGET" | tr -c 'A-Za-z0-9._/-' '_') -->"
  { echo "$marker" && cat "$out/comment.md"; } >"$body"
  if id="$(gh api --paginate "$issue/$NUMBER/comments" --jq \
    ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$marker\"))) | .id")" && publish "${id%%$'\n'*}"; then
    return 0
  fi
  echo "::notice title=mcpaudit::No comment: the token may not write one, as in pull requests from forks. The report is in the job's summary."
}

publish() {
  if [ -n "$1" ]; then
    gh api --silent --method PATCH "$issue/comments/$1" -F "body=@$body"
  else
    gh api --silent --method POST "$issue/$NUMBER/comments" -F "body=@$body"
  fi
}

case "${1:-}" in
  key | install | audit | comment) "$1" ;;
  *) echo "usage: github.sh key|install|audit|comment" >&2 && exit 2 ;;
esac

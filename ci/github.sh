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
  local code=0
  find_base
  said "${ARGUMENTS:-}" check --no-home --format "json=$out/report.json" --format "sarif=$out/report.sarif" \
    --format "summary=$out/summary.md" --format "comment=$out/comment.md" \
    --format "annotations=$out/annotations.txt" -- "$TARGET" || code=$?
  if [ -n "$base" ]; then
    # Only what is new decides, by the rules of the base; these also say which alerts there are, or a change could
    # accept its own findings.
    code=0
    rm -f "$out/annotations.txt"
    said "${DIFF_ARGUMENTS:-}" diff --path "$TARGET" --format "markdown=$out/comment.md" \
      --format "sarif=$out/report.sarif" --format "annotations=$out/annotations.txt" -- "$base...HEAD" || code=$?
  fi
  # Nothing was written: the mistake has been told.
  [ -f "$out/annotations.txt" ] || exit "$code"
  cat "$out/annotations.txt"
  summary
  {
    echo "exit-code=$code"
    echo "report=$out/report.json"
    echo "sarif=$out/report.sarif"
    # A text in the file has its quotes escaped, so that only the run itself can say this.
    if grep -q '^ *"executionSuccessful": true' "$out/report.sarif"; then echo "complete=true"; fi
  } >>"$GITHUB_OUTPUT"
}

# `said "WORDS OF AN INPUT" COMMAND ...` runs the command with these words, and shows what it says as text.
said() {
  local words=() command="$2" code=0 token
  read -r -d '' -a words <<<"$1" || true
  shift 2
  [ -z "${FAIL_ON:-}" ] || words+=(--fail-on "$FAIL_ON")
  # Texts of the repository may stand in what follows; no line of it is to be a command to the runner.
  token="$(python -c 'import secrets; print(secrets.token_hex(16))')"
  echo "::stop-commands::$token"
  mcpaudit "$command" "${words[@]+"${words[@]}"}" --format text "$@" || code=$?
  echo "::$token::"
  return "$code"
}

# Sets `base`: what the change is compared with, empty where that is nothing, as in a first push.
find_base() {
  base="${BASE:-${PULL_BASE:-}}"
  [[ ! "$base" =~ ^0+$ ]] || base=""
  [ -n "$base" ] || return 0
  # GitHub checks out the change merged into its target. Then the target, as it was merged with, is the base; of a
  # commit that the author made, nothing of the kind is taken.
  if [ -z "${BASE:-}" ] && [[ "${GITHUB_REF:-}" == refs/pull/*/merge ]] &&
    [ "$(git rev-parse --verify --quiet HEAD)" = "${GITHUB_SHA:-}" ] &&
    git rev-parse --verify --quiet "HEAD^2" >/dev/null; then
    base="$(git rev-parse "HEAD^1")"
  fi
  if ! { [[ "$base" != -* ]] && { git cat-file -e "$base^{commit}" || git fetch --quiet --no-tags --depth=1 origin "$base"; }; } 2>/dev/null; then
    echo "::error title=mcpaudit::The base is not here, and without it a change would judge itself: give actions/checkout 'fetch-depth: 0'"
    exit 2
  fi
}

# A step may write 1 MiB; what a comparison says comes first, and the whole where there is room for it.
summary() {
  local file size=0
  for file in ${base:+"$out/comment.md"} "$out/summary.md"; do
    [ -f "$file" ] || continue
    size=$((size + $(wc -c <"$file")))
    [ "$size" -le 1000000 ] || continue
    cat "$file" >>"$GITHUB_STEP_SUMMARY"
  done
  # Without a base the comment is what is left of a whole that is too long.
  [ "$size" -le 1000000 ] || [ -n "$base" ] || cat "$out/comment.md" >>"$GITHUB_STEP_SUMMARY"
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

#!/usr/bin/env bash
# A mesh of five services on this machine, driven by `git push`. Needs meshc, git and python3, and nothing else: no
# root, no containers, no cluster. Everything happens in a temporary directory and on loopback, and ends by itself.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
up=
clean_up() {
  if [ -n "$up" ]; then kill "$up" 2>/dev/null && wait "$up" || true; fi
  rm -rf "$work"
}
trap clean_up EXIT

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '\033[2m$ %s\033[0m\n' "${*//$work\//}"; "$@"; }
call() { python3 "$here/call.py" "$work/ready.json" "$@"; }
load() { python3 "$here/load.py" "$work/ready.json" "$@"; }

say "1. The policy of the mesh is a git repository, and the server checks what is pushed to it."
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
git init --quiet --bare --initial-branch=main "$work/mesh.git"
git -C "$work/mesh.git" config mesh.live "$work/live"
install -m 755 "$here"/hooks/* "$work/mesh.git/hooks/"
git clone --quiet "$work/mesh.git" "$work/policy" 2>/dev/null
cd "$work/policy"
git config user.name "A Developer"
git config user.email developer@bookshop.example
git checkout --quiet -B main
cp "$here"/policy/*.yaml .
git add .
git commit --quiet --message "The bookshop"
run git push --quiet origin main

say "2. It is compiled to one small bundle for each workload."
run meshc check .
run meshc build . -o "$work/bundles"
(cd "$work/bundles" && wc -c shop/*[a-z0-9].json | grep -v origins)

say "3. meshc up runs it: a sidecar and an application for each workload, mTLS between them."
(cd "$work" && exec meshc up live --apps "$here/meshc.up.yaml" --json) >"$work/ready.json" 2>"$work/up.log" &
up=$!
until [ -s "$work/ready.json" ]; do
  kill -0 "$up" 2>/dev/null || { cat "$work/up.log"; exit 1; }
  sleep 0.1
done
grep -E '^shop/[a-z0-9-]+ app: |ready after' "$work/up.log"

say "4. A request from outside: edge -> shop -> catalog -> stock, and shop -> reviews."
call edge GET shop /books/dune
call edge POST shop /orders '@{"book": "dune"}'

say "5. Traffic follows the route: one in ten gets reviews v2, and everyone who asks for the beta."
load 200
load 20 x-beta:yes

say "6. A call that the policy does not allow is refused, and says why."
echo "The catalog may look at the stock, but not take from it:"
call catalog POST stock /stock/dune/take
echo "The shop never said that it calls the stock:"
call shop GET stock /stock/dune
echo "And who comes without a certificate of the mesh gets no answer at all:"
call nobody GET stock /stock/dune

say "7. A wrong push: the route now names reviews-v3, which does not exist."
sed -i.bak 's/name: reviews-v2/name: reviews-v3/' reviews-route.yaml && rm reviews-route.yaml.bak
git commit --quiet --all --message "Send people to the new reviews"
if run git push origin main; then echo "the push should have been refused"; exit 1; fi
git reset --quiet --hard origin/main

say "8. A right push, while people are looking at books: reviews v2 for everyone."
cp "$here/reviews-v2-for-everyone.yaml" reviews-route.yaml
git commit --quiet --all --message "Reviews v2 for everyone"
load --while "$work/live" git push --quiet origin main
grep 'live after' "$work/up.log" | tail -1

say "That was all. Look at examples/bookshop to see how it is made."

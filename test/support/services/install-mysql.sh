#!/usr/bin/env bash
# Puts a MySQL server under ~/.cache/rowtap-test for the tests, once: Debian's own, which only its unstable branch has.
# Packages come from the mirror that this machine's apt uses, but nothing of the machine is changed and no rights are
# needed: apt resolves them against a state of its own, in which nothing is installed, so the server gets every library
# that it needs and runs with its own loader. `mysqld` in the folder takes the same arguments as any other.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/rowtap-test
for installed in "$cache"/mysql-*/mysqld; do
  [ -x "$installed" ] && exit 0
done

fail() {
  echo "MySQL could not be installed: $*" >&2
  exit 1
}
for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || fail "there is no $tool; it is installed from Debian's packages"
done
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
# Where this machine's apt has the release itself from, in its own words; before its first update, too.
mirrors=$(apt-get update --print-uris | sed -n "s#^'\(.*\)/dists/$codename/InRelease'.*#\1#p")
[ -n "$mirrors" ] || fail "apt has no source for ${codename:-the release of this machine}"

mkdir -p "$cache"
work=$(mktemp -d "$cache/fetching-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{state/lists,cache/archives}/partial "$work"/{root,mysql/lib}
: >"$work/nothing-installed"
apt() {
  apt-get -q \
    -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=- -o Dir::Etc::Preferences=- \
    -o Dir::Etc::PreferencesParts=- -o "Dir::State=$work/state" -o "Dir::State::status=$work/nothing-installed" \
    -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root -o APT::Install-Recommends=false -o Acquire::Retries=3 \
    -o Acquire::Languages=none "$@" >>"$work/log" 2>&1
}
fetch() {
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $1 sid main" >"$work/sources.list"
  echo "Fetching MySQL into $cache, once." >&2
  apt update && apt install --yes --download-only mysql-server-core
}
fetched=no
for mirror in $mirrors; do
  fetch "$mirror" && fetched=yes && break
done
[ $fetched = yes ] || fail "$(grep -vE '^(Get|Hit|Ign|Reading|Building):?' "$work/log")"
for package in "$work"/cache/archives/*.deb; do
  dpkg-deb -x "$package" "$work/root"
done

cd "$work/mysql"
find "$work"/root/usr/lib* -maxdepth 2 -name '*.so*' ! -type d -exec cp -L {} lib/ \;
cp -r "$work/root/usr/share/mysql" share
cp -r "$work/root/usr/lib/mysql/plugin" plugin
cp "$work/root/usr/sbin/mysqld" lib/mysqld
cat >mysqld <<'RUN'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here"/lib/ld-linux* --library-path "$here/lib" "$here/lib/mysqld" "$@" \
  --basedir="$here" --lc-messages-dir="$here/share" --character-sets-dir="$here/share/charsets" --plugin-dir="$here/plugin"
RUN
chmod +x mysqld
said=$(./mysqld --no-defaults --version 2>&1) || fail "its server does not run here: $said"
version=$(echo "$said" | grep -oE 'Ver [0-9.]+' | cut -d ' ' -f 2)
mv -T "$work/mysql" "$cache/mysql-$version" || fail "$cache/mysql-$version is in the way: remove it"
echo "MySQL $version is in $cache/mysql-$version." >&2

#!/bin/sh
# Make dist/renewd_VERSION_all.deb from the wheel in dist/ and the locked dependencies.
set -eu
cd "$(dirname "$0")/.."
umask 022
python=${PYTHON:-.venv/bin/python}
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
export SOURCE_DATE_EPOCH
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' daemon/renewd/__init__.py)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

packaging/tree.sh "$root/usr/lib/renewd"
install -D -m 755 packaging/renewd "$root/usr/bin/renewd"

# The units name the program by its path.
for unit in systemd/*.service systemd/*.path; do
    [ -e "$unit" ] || continue
    install -D -m 644 "$unit" "$root/usr/lib/systemd/system/${unit##*/}"
done
for unit in systemd/user/*; do
    install -D -m 644 "$unit" "$root/usr/lib/systemd/user/${unit##*/}"
done
sed -i 's,^\(Exec[A-Za-z]*=[-+!]*\)renewd ,\1/usr/bin/renewd ,' "$root"/usr/lib/systemd/*/*.service
install -D -m 644 systemd/renewd.sysusers "$root/usr/lib/sysusers.d/renewd.conf"
install -D -m 644 systemd/renewd.tmpfiles "$root/usr/lib/tmpfiles.d/renewd.conf"

program="$root/usr/lib/renewd"
complete() { PYTHONPATH="$program" PYTHONDONTWRITEBYTECODE=1 "$python" -m renewd completion "$1" > "$2"; }
mkdir -p "$root/usr/share/bash-completion/completions" "$root/usr/share/zsh/vendor-completions" \
    "$root/usr/share/fish/vendor_completions.d"
complete bash "$root/usr/share/bash-completion/completions/renewd"
complete zsh "$root/usr/share/zsh/vendor-completions/_renewd"
complete fish "$root/usr/share/fish/vendor_completions.d/renewd.fish"

for language in "" zh_CN/; do
    for page in renewd.1 plans.toml.5; do
        folder="$root/usr/share/man/${language}man${page##*.}"
        mkdir -p "$folder"
        gzip -9n < "docs/man/$language$page" > "$folder/$page.gz"
    done
done

doc="$root/usr/share/doc/renewd"
mkdir -p "$doc/examples"
cp packaging/deb/copyright README*.md CHANGELOG*.md "$doc/"
cp -r docs "$doc/" # the messages of renewd name its pages
rm -r "$doc/docs/man"
cp config/plans.toml "$doc/examples/"
printf 'renewd (%s) unstable; urgency=medium\n\n  * CHANGELOG.md beside this file says what changes for you.\n\n -- renewd <renewd@example.org>  %s\n' \
    "$version" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" \
    | gzip -9n > "$doc/changelog.gz"

mkdir -p "$root/DEBIAN"
sed "s/@VERSION@/$version/;s/@SIZE@/$(du -sk --apparent-size "$root/usr" | cut -f1)/" packaging/deb/control > "$root/DEBIAN/control"
install -m 755 packaging/deb/postinst packaging/deb/prerm packaging/deb/postrm "$root/DEBIAN/"
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum > DEBIAN/md5sums)
chmod -R u=rwX,go=rX "$root"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$root" "dist/renewd_${version}_all.deb" > /dev/null
echo "dist/renewd_${version}_all.deb"

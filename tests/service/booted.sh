#!/bin/bash
# booted.sh FOLDER ROOT: starts systemd as process 1 of namespaces of its own, with the shipped units of renewd and a target
# that runs FOLDER/client.py once renewd is ready. Everything that is written lands in memory, or in FOLDER.
set -euo pipefail
folder=$1 root=$2
mount --make-rprivate /
ip link set lo up
mkdir "$folder/memory"
mount -t tmpfs tmpfs "$folder/memory"
for place in etc var/lib usr/local opt; do
    upper=$folder/memory/${place//\//-}
    mkdir "$upper" "$upper.work"
    mount -t overlay overlay -o "lowerdir=/$place,upperdir=$upper,workdir=$upper.work" "/$place"
done
mkdir -p /opt/renewd /opt/renewd-site
mount --bind "$root" /opt/renewd
mount --bind "$SITE" /opt/renewd-site
mount -t tmpfs tmpfs /run
units=/run/units
mkdir -p /run/systemd/system $units
cat > /usr/local/bin/renewd <<END
#!/bin/sh
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/opt/renewd/daemon:/opt/renewd-site
exec $PYTHON -m renewd "\$@"
END
chmod 755 /usr/local/bin/renewd
cp "$root"/systemd/renewd.service "$root"/systemd/renewd-marks.service "$root"/systemd/renewd-marks.path $units
cp "$root/systemd/renewd.sysusers" /run/renewd-users.conf
cp "$root/systemd/renewd.tmpfiles" /run/renewd-folders.conf
systemd-sysusers /run/renewd-users.conf
systemd-tmpfiles --create /run/renewd-folders.conf
install -o root -g renewd -m 640 "$folder/plans.toml" /etc/renewd/plans.toml
for unit in renewd renewd-marks; do
    mkdir $units/$unit.service.d
    printf '[Service]\nStandardOutput=append:%s\nStandardError=append:%s\n' "$folder/$unit.log" "$folder/$unit.log" \
        > $units/$unit.service.d/log.conf
done
for target in sysinit basic shutdown paths sockets timers umount network; do
    printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' $target > $units/$target.target
done
cat > $units/test.target <<END
[Unit]
Description=What the test wants
Wants=renewd.service client.service
DefaultDependencies=no
END
cat > $units/client.service <<END
[Unit]
Description=The client
After=renewd.service
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=$PYTHON $folder/client.py $folder
StandardOutput=file:$folder/client.log
StandardError=file:$folder/client.log
ExecStopPost=/bin/kill -s RTMIN+14 1
END
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin container=lxc SYSTEMD_UNIT_PATH=$units \
    /lib/systemd/systemd --system --unit=test.target --log-target=console --show-status=no

#!/bin/sh
# Starts dbus, without which ganesha does not start, then ganesha in the foreground.
set -eu
mkdir -p /run/dbus /run/ganesha /export/.nfs-recovery
rm -f /run/dbus/pid /run/ganesha/ganesha.pid
dbus-daemon --system --nopidfile
exec ganesha.nfsd -F -L STDOUT -f /etc/ganesha/ganesha.conf -p /run/ganesha/ganesha.pid

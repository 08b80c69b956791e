#!/usr/bin/env bash
# Started by the provisioner as root, in the network namespace that it is for: keeps a program running, as a user without
# privileges and in its control groups, until it is killed. It survives the provisioner.
#   confined.sh keep FOLDER UID GROUPS HOME HIDE OWN_GROUPS GROUPS_OF_PROGRAM
# FOLDER has the file 'command' (how many variables, the variables, the words, each ended by NUL) and gets 'log' and 'log.1'
# (at most 1 MiB each) and 'status' (how often it has ended, with which status, when). HIDE=1 gives it a /tmp, /run and
# /dev/shm of its own and everything but HOME to read only. Folders of control groups have colons between.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 027
mode=$1 folder=$2 uid=$3 groups=$4 home=$5 hide=$6
IFS=: read -ra own <<<"$7"
IFS=: read -ra inner <<<"$8"
limit=1048576

enter() { # the control groups $@
  local group
  for group in "$@"; do echo "$BASHPID" >"$group/cgroup.procs" || exit 125; done
}

log() { # standard input, in two files of at most $limit bytes
  [ ! -e "$folder/log" ] || mv -f "$folder/log" "$folder/log.1"
  while stdbuf -o0 head -c "$limit" >"$folder/log" && [ "$(stat -c %s "$folder/log")" -ge "$limit" ]; do
    mv -f "$folder/log" "$folder/log.1"
  done
}

hide() {
  umount -R -l /run/netns 2>/dev/null # or the namespaces would live as long as this program
  mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs /dev/shm &&
    mkdir /dev/shm/.home && mount --bind "$home" /dev/shm/.home &&
    mount -o remount,bind,ro / && mount --bind /var/tmp /var/tmp && mount -o remount,bind,ro /var/tmp &&
    mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs /tmp &&
    mount -t tmpfs -o nosuid,nodev,mode=755 tmpfs /run &&
    { [ -d "$home" ] || (umask 022 && mkdir -p "$home"); } && mount --move /dev/shm/.home "$home" && rmdir /dev/shm/.home &&
    mount -t proc -o nosuid,nodev,noexec,hidepid=invisible proc /proc || { echo "its view of files cannot be made"; exit 125; }
}

run() { # the program, in place of this script
  local words
  enter "${inner[@]}"
  echo 0 >/proc/self/oom_score_adj
  mapfile -d '' -t words <"$folder/command"
  if [ "$hide" = 1 ]; then hide; fi
  cd "$home" || exit 125
  ulimit -c 0
  local variables=("${words[@]:1:words[0]}") drop=(--clear-groups)
  [ -z "$groups" ] || drop=(--groups "$groups")
  exec setpriv --reuid "$uid" --regid "$uid" "${drop[@]}" --inh-caps=-all --ambient-caps=-all --bounding-set=-all --no-new-privs \
    -- env -i "${variables[@]}" "${words[@]:1 + words[0]}"
}

end_all() { # what the program has left running
  local pids
  while mapfile -t pids <"${inner[0]}/cgroup.procs" && [ ${#pids[@]} -gt 0 ]; do
    kill -KILL "${pids[@]}" 2>/dev/null
    sleep 0.01
  done
}

if [ "$mode" = run ]; then run; fi

enter "${own[@]}"
echo -1000 >/proc/self/oom_score_adj 2>/dev/null # where it may
exec {out}> >(log)
delays=(0.1 0.3 1 3 10 30) ended=0 quickly=0
while :; do
  started=$SECONDS
  if [ "$hide" = 1 ]; then
    unshare --mount --ipc --propagation private "$BASH" "$0" run "${@:2}" </dev/null >&"$out" 2>&1 &
  else
    "$BASH" "$0" run "${@:2}" </dev/null >&"$out" 2>&1 &
  fi
  wait "$!"
  status=$?
  end_all
  ended=$((ended + 1))
  echo "$ended $status $EPOCHSECONDS" >"$folder/status.new" && mv "$folder/status.new" "$folder/status"
  if [ $((SECONDS - started)) -ge 10 ]; then quickly=0; fi
  sleep "${delays[quickly]}"
  if [ "$quickly" -lt 5 ]; then quickly=$((quickly + 1)); fi
done

/**
 * What the watchdog does, for any POSIX shell: `$1` is the folder of the socket, `$2` how many seconds lie between
 * asking and killing.
 *
 * It reads the number of the process group, and then nothing more until with-secrets is gone: the line `done`
 * if that has ended everything itself, the end of the pipe if it was killed. In the second case the group is ended
 * here, and the folder removed.
 */
export const watchdogScript = `
IFS= read -r group || group=
[ "$group" != done ] || exit 0
if [ -n "$group" ]; then
  IFS= read -r word && exit 0
  left=$2
  kill -s TERM -- "-$group" 2>/dev/null
  kill -s CONT -- "-$group" 2>/dev/null
  while [ "$left" -gt 0 ] && kill -s 0 -- "-$group" 2>/dev/null; do
    sleep 1
    left=$((left - 1))
  done
  kill -s KILL -- "-$group" 2>/dev/null
fi
[ -z "$1" ] || { rm -f -- "$1/socket"; rmdir -- "$1"; }
`;

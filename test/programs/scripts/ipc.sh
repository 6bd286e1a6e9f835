# What util-linux's tools make, show and remove of System V IPC. Identifiers and keys differ from run to run.
make() { ipcmk "$@" | while read -r line; do echo "${line##*: }"; done; }
# Lines of a description that tell the same each time.
facts() { while read -r line; do case $line in uid*mode* | cbytes* | mode* | nsems* | att_time* | [0-9]*) echo "$line" ;; esac; done; }
queue=$(make -Q -p 0604)
segment=$(make -M 10000 -p 0640)
set=$(make -S 3)
ipcs -q -i "$queue" | facts
ipcs -m -i "$segment" | facts
ipcs -s -i "$set" | facts
ipcs | while read -r key id owner perms size rest; do
    [ "$id" = "$segment" ] && [ "$size" = 10000 ] && echo "segment $perms $rest"
done
while read -r key id perms count rest; do
    [ "$id" = "$set" ] && echo "set $perms $count"
done </proc/sysvipc/sem
ipcs -l | while read -r line; do case $line in *"(bytes)"* | *"per array"* | *semop* | *segments*) echo "$line" ;; esac; done
ipcrm -q "$queue" -m "$segment" -s "$set"
ipcs -q -i "$queue" >/dev/null 2>&1 || echo "no queue $?"
ipcrm -m "$segment" 2>/dev/null || echo "no segment $?"

trap 'echo usr1' USR1; kill -USR1 $$; kill -USR1 $BASHPID
trap 'echo child done' CHLD; (exit 3); trap - CHLD
(trap 'echo exiting $?' EXIT; exit 5); echo $?
(trap 'echo term; exit 1' TERM; echo > ready; while :; do :; done) & p=$!
until [ -e ready ]; do :; done; kill -TERM $p; wait $p; echo $?
sleep 100 & p=$!; kill -KILL $p; wait $p 2>/dev/null; echo $?
sleep 100 & kill %%; wait $!; echo $?
(exit 7) & a=$!; sleep 100 & b=$!
wait -n -p who; echo $? $((who == a)); kill $b; wait -n; echo $?; wait -n; echo none $?
for i in 1 2 3; do (exit $i) & done; for i in 1 2 3; do wait -n; sum=$((sum + $?)); done; echo $sum
coproc C { while read -r l; do echo "got $l"; done; }
echo hello >&"${C[1]}"; read -r r <&"${C[0]}"; echo "$r"; p=$C_PID; eval "exec ${C[1]}>&-"; wait $p; echo $?
wait
set -m
sleep 0.01 & wait %1; echo $?
sleep 0.1 | cat & jobs; fg %1 > /dev/null; echo "fg $?"
sleep 100 & kill -STOP %1; until jobs | grep -q Stopped; do :; done; jobs; kill -CONT %1; kill %1; wait %1; echo $?
set +m
bash -c 'echo $0 $1; kill -9 $$' name arg; echo $?
timeout 0.1 sleep 100; echo $?
timeout -s KILL 0.1 bash -c 'while :; do :; done'; echo $?
nice -n 5 nice; nohup echo nohup 2> /dev/null
exec bash -c 'echo last; exit 42'

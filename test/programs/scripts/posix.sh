seq 1 2000 | sort | uniq | wc -l
x=$(echo a | tr a b); echo $x
cat <<EOF
$(seq 5 | tail -1)
EOF
trap 'echo usr1' USR1; kill -USR1 $$
trap 'echo bye' EXIT
(exit 3); echo $?
sleep 0.01 & wait $!; echo $?
sleep 100 & kill $!; wait $!; echo $?
echo a b c | { read a b; echo "$b $a"; }
sh -c 'kill -TERM $$'; echo $?
mkfifo /tmp/fifo-$$; echo x > /tmp/fifo-$$ & cat /tmp/fifo-$$; wait; rm /tmp/fifo-$$
exit 3

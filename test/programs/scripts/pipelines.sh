seq 1 2000 | sed 's/..$//' | sort | uniq -c | sort -rn | head -5
seq 100000 | head -1; echo "${PIPESTATUS[@]}"
yes | head -3 | cat -n
false | true; echo $?; set -o pipefail; false | true; echo $?; set +o pipefail
x=1; (x=2; echo $x; exit 9); echo $? $x
y=$(echo a; echo b; exit 4); echo "$? [$y]"
echo "$(echo "$(echo nested | tr a-z A-Z)")"
cat <<EOF
here $((1+1)) $(echo sub) and as much as a pipe holds: $(seq 30000 | wc -c)
EOF
cat <<EOF | wc
$(seq 30000)
EOF
cat <<'EOF' | tr a-z A-Z
quoted $x
EOF
tr a-z A-Z <<< "string"
diff <(seq 5) <(seq 2 6); echo $?
cat <(echo one) <(echo two)
seq 3 | tee >(cat > copy; : > copied) > /dev/null; until [ -e copied ]; do :; done; cat copy
while read -r line; do all=$all$line; done < <(seq 5); echo "$all"
mapfile -t lines < <(seq 3); echo "${#lines[@]}"
exec 3> out.txt; echo to3 >&3; exec 3>&-; cat out.txt

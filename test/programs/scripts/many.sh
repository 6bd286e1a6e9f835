find . -name '*.txt' | sort; find . -name 'f*.txt' -exec wc -l {} +; find . -name '?.txt' -exec echo found {} \; | sort
seq 10 | xargs -n 2 echo
seq 8 | xargs -P 4 -n 1 sh -c 'exit=$1; echo $exit' sh | sort -n | tr '\n' ' '; echo
seq 4 | xargs -P 2 -I@ sh -c 'exit @'; echo $?
tar -cf - fruit.txt | gzip -1 | tar -xzf - -C dir; cmp fruit.txt dir/fruit.txt && echo same

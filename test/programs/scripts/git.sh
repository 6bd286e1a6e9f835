export HOME=$PWD GIT_AUTHOR_DATE='2001-01-01T00:00:00Z' GIT_COMMITTER_DATE='2001-01-01T00:00:00Z'
git config --global user.name A; git config --global user.email a@b; git config --global init.defaultBranch main
git init -q r; cd r; seq 100 > a; echo b > b; git add .; git commit -qm one; git rev-parse HEAD
git checkout -qb side; sed -i 's/^5$/five/' a; git commit -qam two
git checkout -q main; sed -i 's/^95$/ninety-five/' a; git commit -qam three
git merge -q side -m merged; git log --format='%h %s %p'; git diff HEAD~1 --stat; git status --short
git gc -q; git fsck; git rev-list --count HEAD; git show HEAD:a | grep five; git clone -q . ../copy; git -C ../copy log -1 --format=%H

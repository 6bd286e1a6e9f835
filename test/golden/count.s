# A loop that counts in int and reads an array: no extension of the counter, one check, one poll.
f:	li	a5,0
	li	a4,0
1:	lw	a3,0(a0)
	addiw	a4,a4,1
	addw	a5,a3,a5
	addi	a0,a0,4
	bne	a4,a1,1b
	mv	a0,a5
	ret

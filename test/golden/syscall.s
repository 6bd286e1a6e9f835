# An ecall spills, and reloads a0 alone.
f:	li	a7,172
	ecall
	addi	a0,a0,1
	ret

# A call in a loop: the return is an entry, so the loop has a dispatch node; the callee is in the same module.
f:	addi	sp,sp,-16
	sd	ra,8(sp)
	sd	s0,0(sp)
	mv	s0,a0
1:	mv	a0,s0
	call	g
	addiw	s0,s0,-1
	bnez	s0,1b
	ld	ra,8(sp)
	ld	s0,0(sp)
	addi	sp,sp,16
	ret
g:	addi	a0,a0,1
	ret

# What a call through a register was seen to reach is compared with its target, and called directly: here, and in a tail jump.
f:	addi	sp,sp,-16
	sd	ra,8(sp)
	ld	a5,0(a0)
to_near:
	jalr	a5
	ld	ra,8(sp)
	addi	sp,sp,16
	ld	a5,8(a0)
to_last:
	jr	a5
near:	addi	a0,a0,1
	ret
last:	addi	a0,a0,2
	ret

# A call through a register looks the target up in the code map; a tail jump too.
f:	addi	sp,sp,-16
	sd	ra,8(sp)
	ld	a5,0(a0)
	jalr	a5
	ld	ra,8(sp)
	addi	sp,sp,16
	ld	a5,8(a0)
	jr	a5

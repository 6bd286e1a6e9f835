# poll=fuel
# Every block subtracts its instructions; the way back polls.
f:	addi	a0,a0,-1
	bnez	a0,f
	ret

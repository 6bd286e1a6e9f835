# policy=paged
# Each access looks at the page table and leaves precisely.
f:	ld	a1,8(a0)
	sw	a1,-4(a0)
	ret

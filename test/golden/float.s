# fma=relaxed
# A fused multiply-add, a single kept NaN-boxed.
f:	fmadd.d	fa0,fa0,fa1,fa2
	fadd.s	fa1,fa1,fa1
	fmul.s	fa1,fa1,fa1
	ret

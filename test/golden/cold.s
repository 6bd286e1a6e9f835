# What was never reached is left for, by the code map.
f:
  beqz a0, cold
  addi a0, a0, 1
  ret
cold:
  li a0, -1
  j f

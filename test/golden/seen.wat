;; f: 0x20000 0x20008
;; near: 0x20010
;; last: 0x20014
(module
  (type (;0;) (func (param i64 i32) (result i64 i64)))
  (type (;1;) (func (result i32)))
  (type (;2;) (func (param i32)))
  (type (;3;) (func (result i64 i64)))
  (import "env" "memory" (memory (;0;) 1 65536 shared))
  (import "env" "slot" (global (;0;) i32))
  (import "env" "syscall" (func $syscall (type 1)))
  (import "env" "soft" (func $soft (type 2)))
  (import "env" "table" (table (;0;) 1 funcref))
  (import "env" "links" (table (;1;) 0 funcref))
  (func $leave (type 0) (param i64 i32) (result i64 i64)
    i32.const 0
    local.get 0
    i64.store offset=768 align=1
    i32.const 0
    local.get 1
    i32.store offset=816 align=1
    i64.const 0
    i64.const 1)
  (func $go_on_flag (type 0) (param i64 i32) (result i64 i64)
    (local i32)
    local.get 1
    i32.const 2
    i32.shl
    i32.const 32760
    i32.and
    local.tee 2
    i32.load offset=4096 align=1
    local.get 1
    i32.ne
    i32.const 0
    i32.load offset=808 align=1
    i32.or
    if  ;; label = @1
      local.get 0
      local.get 1
      i64.extend_i32_u
      return
    end
    local.get 0
    local.get 2
    i32.load offset=4100 align=1
    local.tee 2
    i32.const 16
    i32.shr_u
    local.get 2
    i32.const 65535
    i32.and
    return_call_indirect (type 0))
  (func $f@0x20000 (type 0) (param i64 i32) (result i64 i64)
    (local i64 i64 i64 i64 i64 i32)
    block  ;; label = @1
      block  ;; label = @2
        block  ;; label = @3
          local.get 1
          i32.const 2
          i32.lt_u
          if  ;; label = @4
            local.get 1
            br_table 1 (;@3;) 2 (;@2;) 1 (;@3;)
          end
          br 0 (;@3;)
        end
        local.get 0
        i32.wrap_i64
        i32.const 0
        i32.load offset=800 align=1
        i32.sub
        i32.const 0
        i32.load offset=804 align=1
        i32.ge_u
        if  ;; label = @3
          i64.const 131072
          local.set 3
          br 2 (;@1;)
        end
        i32.const 0
        local.get 0
        i64.const -16
        i64.add
        local.tee 0
        i64.store offset=272 align=1
        i32.const 0
        i64.load offset=264 align=1
        local.set 4
        local.get 0
        i32.wrap_i64
        local.get 4
        i64.store offset=8 align=1
        i32.const 0
        i64.load offset=336 align=1
        local.set 5
        i32.const 0
        local.get 5
        i32.wrap_i64
        i32.const 63488
        i32.sub
        i64.load offset=63488 align=1
        local.tee 6
        i64.store offset=376 align=1
        local.get 6
        i64.const -2
        i64.and
        local.set 2
        i32.const 0
        i64.const 131080
        i64.store offset=264 align=1
        local.get 2
        i64.const 131088
        i64.eq
        if (result i64 i64)  ;; label = @3
          local.get 0
          i32.const 131088
          call $near@0x20010
        else
          local.get 2
          i32.wrap_i64
          i32.const 2
          i32.shl
          i32.const 32760
          i32.and
          local.tee 7
          i64.load32_u offset=4096 align=1
          local.get 2
          i64.ne
          if  ;; label = @4
            local.get 0
            local.get 2
            return
          end
          local.get 0
          local.get 7
          i32.load offset=4100 align=1
          local.tee 7
          i32.const 16
          i32.shr_u
          local.get 7
          i32.const 65535
          i32.and
          call_indirect (type 0)
        end
        local.set 3
        local.set 0
        local.get 3
        i64.const 131080
        i64.ne
        if  ;; label = @3
          local.get 0
          local.get 3
          return
        end
        br 0 (;@2;)
      end
      i32.const 0
      local.get 0
      i32.wrap_i64
      i64.load offset=8 align=1
      i64.store offset=264 align=1
      i32.const 0
      local.get 0
      i64.const 16
      i64.add
      local.tee 0
      i64.store offset=272 align=1
      i32.const 0
      i64.load offset=336 align=1
      local.set 5
      i32.const 0
      local.get 5
      i32.wrap_i64
      i32.const 63488
      i32.sub
      i64.load offset=63496 align=1
      local.tee 6
      i64.store offset=376 align=1
      local.get 6
      i64.const -2
      i64.and
      local.set 2
      local.get 2
      i64.const 131092
      i64.eq
      if  ;; label = @2
        local.get 0
        i32.const 131092
        return_call $last@0x20014
      end
      local.get 2
      i32.wrap_i64
      i32.const 2
      i32.shl
      i32.const 32760
      i32.and
      local.tee 7
      i64.load32_u offset=4096 align=1
      local.get 2
      i64.ne
      if  ;; label = @2
        local.get 0
        local.get 2
        return
      end
      local.get 0
      local.get 7
      i32.load offset=4100 align=1
      local.tee 7
      i32.const 16
      i32.shr_u
      local.get 7
      i32.const 65535
      i32.and
      return_call_indirect (type 0)
      unreachable
    end
    local.get 3
    i32.const 1
    return_call $leave)
  (func $near@0x20010 (type 0) (param i64 i32) (result i64 i64)
    (local i64 i64 i64 i64)
    i32.const 0
    i64.load offset=336 align=1
    local.set 4
    i32.const 0
    local.get 4
    i64.const 1
    i64.add
    i64.store offset=336 align=1
    local.get 0
    i32.const 0
    i64.load offset=264 align=1
    local.set 5
    local.get 5
    i64.const -2
    i64.and
    return
    unreachable)
  (func $last@0x20014 (type 0) (param i64 i32) (result i64 i64)
    (local i64 i64 i64 i64)
    i32.const 0
    i64.load offset=336 align=1
    local.set 4
    i32.const 0
    local.get 4
    i64.const 2
    i64.add
    i64.store offset=336 align=1
    local.get 0
    i32.const 0
    i64.load offset=264 align=1
    local.set 5
    local.get 5
    i64.const -2
    i64.and
    return
    unreachable)
  (elem (;0;) (global.get 0) func $f@0x20000 $near@0x20010 $last@0x20014))

;; f: 0x20000 0x20004
(module
  (type (;0;) (func (param i64 i32) (result i64 i64)))
  (type (;1;) (func (result i32)))
  (type (;2;) (func (param i32)))
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
    (local i64 i64 i64 i32 i64 i32 i64 i64 i64 i32 i64)
    block  ;; label = @1
      block  ;; label = @2
        block  ;; label = @3
          block  ;; label = @4
            local.get 1
            i32.const 2
            i32.lt_u
            if  ;; label = @5
              local.get 1
              br_table 1 (;@4;) 2 (;@3;) 1 (;@4;)
            end
            br 0 (;@4;)
          end
          i64.const 0
          local.set 4
          i32.const 0
          local.set 5
          i64.const 0
          local.set 6
          i32.const 0
          local.set 7
          i32.const 0
          i64.load offset=336 align=1
          local.set 8
          i32.const 0
          i64.load offset=344 align=1
          local.set 9
          i32.const 0
          i64.load offset=360 align=1
          local.set 10
          br 1 (;@2;)
        end
        block  ;; label = @3
          i32.const 0
          i64.load offset=336 align=1
          local.set 8
          i32.const 0
          i64.load offset=344 align=1
          local.set 9
          i32.const 0
          i64.load offset=360 align=1
          local.set 10
          i32.const 0
          i64.load offset=368 align=1
          local.set 6
          i32.const 0
          i64.load offset=376 align=1
          local.set 4
          local.get 1
          i32.const 1
          i32.sub
          br_table 0 (;@3;) 0 (;@3;)
        end
        br 0 (;@2;)
      end
      loop  ;; label = @2
        local.get 8
        i32.wrap_i64
        i32.const 63488
        i32.sub
        i64.load32_s offset=63488 align=1
        local.tee 10
        i32.wrap_i64
        local.set 11
        local.get 6
        i32.wrap_i64
        i32.const 1
        i32.add
        local.tee 7
        i64.extend_i32_s
        local.set 6
        local.get 4
        i32.wrap_i64
        local.get 11
        i32.add
        local.tee 5
        i64.extend_i32_s
        local.set 4
        local.get 8
        i64.const 4
        i64.add
        local.set 8
        local.get 6
        local.get 9
        i64.ne
        if  ;; label = @3
          i32.const 0
          i32.load offset=808 align=1
          if  ;; label = @4
            i64.const 131076
            local.set 3
            br 3 (;@1;)
          end
          br 1 (;@2;)
        end
        i32.const 0
        local.get 4
        i64.store offset=336 align=1
        i32.const 0
        local.get 10
        i64.store offset=360 align=1
        i32.const 0
        local.get 6
        i64.store offset=368 align=1
        i32.const 0
        local.get 4
        i64.store offset=376 align=1
        local.get 0
        i32.const 0
        i64.load offset=264 align=1
        local.set 12
        local.get 12
        i64.const -2
        i64.and
        return
      end
      unreachable
    end
    i32.const 0
    local.get 8
    i64.store offset=336 align=1
    i32.const 0
    local.get 10
    i64.store offset=360 align=1
    i32.const 0
    local.get 6
    i64.store offset=368 align=1
    i32.const 0
    local.get 4
    i64.store offset=376 align=1
    local.get 3
    i32.const 1
    return_call $leave)
  (elem (;0;) (global.get 0) func $f@0x20000))

;; f: 0x20000 0x20018 0x2001c 0x20020
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
    (local i64 i64 i64 i32 i64 i64 i32 i64 i32)
    block  ;; label = @1
      block  ;; label = @2
        block  ;; label = @3
          local.get 1
          i32.const 4
          i32.lt_u
          if  ;; label = @4
            local.get 1
            br_table 1 (;@3;) 2 (;@2;) 2 (;@2;) 2 (;@2;) 1 (;@3;)
          end
          br 0 (;@3;)
        end
        block  ;; label = @3
          i64.const 2
          local.set 4
          i32.const 2
          local.set 5
          i32.const 0
          i64.load offset=336 align=1
          local.set 6
          i64.const 2
          local.get 6
          i64.lt_u
          br_if 0 (;@3;)
          i64.const 131112
          local.set 7
          local.get 6
          i64.const 2
          i64.shl
          local.set 6
          local.get 6
          i64.const 131112
          i64.add
          local.set 6
          local.get 6
          i32.wrap_i64
          i32.const 63488
          i32.sub
          i64.load32_s offset=63488 align=1
          local.tee 6
          i32.wrap_i64
          local.set 8
          local.get 6
          i64.const 131112
          i64.add
          local.set 6
          local.get 6
          i64.const -2
          i64.and
          local.set 2
          br 2 (;@1;)
        end
        i32.const 0
        i64.const -1
        i64.store offset=336 align=1
        i32.const 0
        local.get 4
        i64.store offset=376 align=1
        local.get 0
        i32.const 0
        i64.load offset=264 align=1
        local.set 9
        local.get 9
        i64.const -2
        i64.and
        return
      end
      block  ;; label = @2
        block  ;; label = @3
          block  ;; label = @4
            i32.const 0
            i64.load offset=336 align=1
            local.set 6
            i32.const 0
            i64.load offset=368 align=1
            local.set 7
            i32.const 0
            i64.load offset=376 align=1
            local.set 4
            local.get 1
            i32.const 1
            i32.sub
            br_table 0 (;@4;) 1 (;@3;) 2 (;@2;) 0 (;@4;)
          end
          i64.const 131096
          local.set 2
          br 2 (;@1;)
        end
        i64.const 131100
        local.set 2
        br 1 (;@1;)
      end
      i64.const 131104
      local.set 2
      br 0 (;@1;)
    end
    block  ;; label = @1
      block  ;; label = @2
        block  ;; label = @3
          block  ;; label = @4
            i32.const 0
            i32.load offset=808 align=1
            if  ;; label = @5
              i32.const 0
              local.get 6
              i64.store offset=336 align=1
              i32.const 0
              local.get 7
              i64.store offset=368 align=1
              i32.const 0
              local.get 4
              i64.store offset=376 align=1
              local.get 2
              i32.const 1
              call $leave
              return
            end
            local.get 2
            i32.wrap_i64
            i32.const -1640531535
            i32.mul
            i32.const 29
            i32.shr_u
            br_table 3 (;@1;) 3 (;@1;) 0 (;@4;) 3 (;@1;) 3 (;@1;) 1 (;@3;) 2 (;@2;) 3 (;@1;) 3 (;@1;)
          end
          block  ;; label = @4
            local.get 2
            i64.const 131100
            i64.eq
            if  ;; label = @5
              br 1 (;@4;)
            end
            br 3 (;@1;)
          end
          i32.const 0
          i64.const 20
          i64.store offset=336 align=1
          i32.const 0
          local.get 7
          i64.store offset=368 align=1
          i32.const 0
          local.get 4
          i64.store offset=376 align=1
          local.get 0
          i32.const 0
          i64.load offset=264 align=1
          local.set 9
          local.get 9
          i64.const -2
          i64.and
          return
        end
        block  ;; label = @3
          local.get 2
          i64.const 131104
          i64.eq
          if  ;; label = @4
            br 1 (;@3;)
          end
          br 2 (;@1;)
        end
        i32.const 0
        i64.const 30
        i64.store offset=336 align=1
        i32.const 0
        local.get 7
        i64.store offset=368 align=1
        i32.const 0
        local.get 4
        i64.store offset=376 align=1
        local.get 0
        i32.const 0
        i64.load offset=264 align=1
        local.set 9
        local.get 9
        i64.const -2
        i64.and
        return
      end
      block  ;; label = @2
        local.get 2
        i64.const 131096
        i64.eq
        if  ;; label = @3
          br 1 (;@2;)
        end
        br 1 (;@1;)
      end
      i32.const 0
      i64.const 10
      i64.store offset=336 align=1
      i32.const 0
      local.get 7
      i64.store offset=368 align=1
      i32.const 0
      local.get 4
      i64.store offset=376 align=1
      local.get 0
      i32.const 0
      i64.load offset=264 align=1
      local.set 9
      local.get 9
      i64.const -2
      i64.and
      return
    end
    i32.const 0
    local.get 6
    i64.store offset=336 align=1
    i32.const 0
    local.get 7
    i64.store offset=368 align=1
    i32.const 0
    local.get 4
    i64.store offset=376 align=1
    local.get 2
    i32.wrap_i64
    i32.const 2
    i32.shl
    i32.const 32760
    i32.and
    local.tee 10
    i64.load32_u offset=4096 align=1
    local.get 2
    i64.ne
    if  ;; label = @1
      local.get 0
      local.get 2
      return
    end
    local.get 0
    local.get 10
    i32.load offset=4100 align=1
    local.tee 10
    i32.const 16
    i32.shr_u
    local.get 10
    i32.const 65535
    i32.and
    return_call_indirect (type 0)
    unreachable)
  (elem (;0;) (global.get 0) func $f@0x20000))

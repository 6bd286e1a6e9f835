;; f: 0x20000 0x20012 0x20008
;; g: 0x2001e
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
    (local i64 i64 i64 i64 i64 i32)
    block  ;; label = @1
      block  ;; label = @2
        block  ;; label = @3
          block  ;; label = @4
            block  ;; label = @5
              local.get 1
              i32.const 3
              i32.lt_u
              if  ;; label = @6
                local.get 1
                br_table 1 (;@5;) 3 (;@3;) 2 (;@4;) 1 (;@5;)
              end
              br 0 (;@5;)
            end
            local.get 0
            i32.wrap_i64
            i32.const 0
            i32.load offset=800 align=1
            i32.sub
            i32.const 0
            i32.load offset=804 align=1
            i32.ge_u
            if  ;; label = @5
              i64.const 131072
              local.set 3
              br 3 (;@2;)
            end
            local.get 0
            i64.const -16
            i64.add
            local.set 0
            i32.const 0
            i64.load offset=264 align=1
            local.set 4
            local.get 0
            i32.wrap_i64
            local.get 4
            i64.store offset=8 align=1
            i32.const 0
            i64.load offset=320 align=1
            local.set 5
            local.get 0
            i32.wrap_i64
            local.get 5
            i64.store align=1
            i32.const 0
            i64.load offset=336 align=1
            local.set 6
            local.get 6
            local.set 5
            i32.const 0
            local.get 0
            i64.store offset=272 align=1
            i32.const 3
            local.set 1
            br 1 (;@3;)
          end
          block  ;; label = @4
            i32.const 0
            i64.load offset=320 align=1
            local.set 5
            local.get 1
            i32.const 2
            i32.sub
            br_table 0 (;@4;) 0 (;@4;)
          end
          i32.const 3
          local.set 1
          br 0 (;@3;)
        end
        loop  ;; label = @3
          block  ;; label = @4
            block  ;; label = @5
              local.get 1
              i32.const 3
              i32.ne
              if  ;; label = @6
                local.get 1
                br_table 1 (;@5;) 2 (;@4;) 1 (;@5;)
              end
              br 0 (;@5;)
            end
            i32.const 0
            local.get 5
            i64.store offset=336 align=1
            i32.const 0
            i64.const 131082
            i64.store offset=264 align=1
            i32.const 0
            i64.const 131090
            i64.store offset=264 align=1
            i32.const 0
            local.get 5
            i64.store offset=320 align=1
            local.get 0
            i32.const 131102
            call $g@0x2001e
            local.set 3
            local.set 0
            local.get 3
            i64.const 131090
            i64.ne
            if  ;; label = @5
              local.get 0
              local.get 3
              return
            end
            br 0 (;@4;)
          end
          i32.const 0
          i64.load offset=320 align=1
          local.set 5
          local.get 5
          i32.wrap_i64
          i32.const -1
          i32.add
          local.tee 7
          i64.extend_i32_s
          local.set 5
          local.get 7
          if  ;; label = @4
            i32.const 0
            i32.load offset=808 align=1
            if  ;; label = @5
              i64.const 131080
              local.set 3
              br 4 (;@1;)
            end
            i32.const 3
            local.set 1
            br 1 (;@3;)
          end
          i32.const 0
          local.get 0
          i32.wrap_i64
          i64.load offset=8 align=1
          local.tee 4
          i64.store offset=264 align=1
          i32.const 0
          local.get 0
          i32.wrap_i64
          i64.load align=1
          i64.store offset=320 align=1
          i32.const 0
          local.get 0
          i64.const 16
          i64.add
          local.tee 0
          i64.store offset=272 align=1
          local.get 0
          local.get 4
          i64.const -2
          i64.and
          return
        end
        unreachable
      end
      local.get 3
      i32.const 1
      return_call $leave
    end
    i32.const 0
    local.get 5
    i64.store offset=320 align=1
    local.get 3
    i32.const 1
    return_call $leave)
  (func $g@0x2001e (type 0) (param i64 i32) (result i64 i64)
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
  (elem (;0;) (global.get 0) func $f@0x20000 $g@0x2001e))

;; Grows its memory by one page, writes there and answers 200.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "{\"status\":200,\"headers\":{},\"body\":\"grown\"}")
  (data (i32.const 16) "\40\00\00\00\2a\00\00\00")
  (func (export "_start") (local $old i32)
    (local.set $old (memory.grow (i32.const 1)))
    (if (i32.eq (local.get $old) (i32.const -1)) (then unreachable))
    (i32.store (i32.mul (local.get $old) (i32.const 65536)) (i32.const 7))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32)))))

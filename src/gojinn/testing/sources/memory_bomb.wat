;; Grows its memory by 1 MiB steps, touching each page, until it is refused; then it traps, as an allocator would.
(module
  (memory (export "memory") 1)
  (func (export "_start") (local $old i32) (local $page i32)
    (loop $again
      (local.set $old (memory.grow (i32.const 16)))
      (if (i32.eq (local.get $old) (i32.const -1)) (then unreachable))
      (local.set $page (i32.const 0))
      (loop $touch
        (i32.store8
          (i32.mul (i32.add (local.get $old) (local.get $page)) (i32.const 65536))
          (i32.const 1))
        (local.set $page (i32.add (local.get $page) (i32.const 1)))
        (br_if $touch (i32.lt_u (local.get $page) (i32.const 16))))
      (br $again))))

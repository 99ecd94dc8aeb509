;; Runs CRuby (npm @ruby/3.4-wasm-wasi) for Gojinn. It takes the place of the JavaScript that the package expects:
;; `JS.eval` in ../../sdks/ruby is a call of `eval-js` here, whose text begins with a letter for what is wanted.
;;
;;   c  an operation of the host: a byte for the length of its name, the name, the request
;;   l  log: a digit for the level, the text
;;   r  read all of stdin        e  the environment, entries ended by NUL
;;   w  write the text to stdout x  exit with a digit as code
;;
;; The answer is what `to_s` of the result gives. `gojinn_boot` reads a bundle of source files, as JSON, and
;; evaluates that which is Gojinn's, `_start` calls `Gojinn.serve`.
(module
  (import "image" "cabi_realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
  (import "image" "ruby-init" (func $ruby_init (param i32 i32)))
  (import "image" "ruby-init-loadpath" (func $ruby_loadpath))
  (import "image" "rb-eval-string-protect" (func $ruby_eval (param i32 i32) (result i32)))
  (import "image" "rb-intern" (func $ruby_name (param i32 i32) (result i32)))
  (import "image" "rb-funcallv-protect" (func $ruby_call (param i32 i32 i32 i32) (result i32)))
  (import "gojinn" "host_call" (func $host_call (param i32 i32 i32 i32) (result i32)))
  (import "gojinn" "host_take" (func $host_take (param i32 i32) (result i32)))
  (import "gojinn" "host_log" (func $host_log (param i32 i32 i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))

  (memory 1) ;; stands for that of the interpreter

  (data $arguments "ruby\00-EUTF-8\00-e0\00\00\00\00")
  (data $module "Gojinn\00")
  (data $serve "serve\00")
  (data $boot "require \"json\"; require \"js.so\"; $gojinn = JSON.parse(JS.eval(\"r\").to_s); eval($gojinn[\"files\"][\"gojinn/runtime.rb\"], TOPLEVEL_BINDING, \"gojinn/runtime.rb\")\00")

  (global $scratch (mut i32) (i32.const 0)) ;; 64 bytes
  (global $module (mut i32) (i32.const 0))  ;; Gojinn
  (global $serve (mut i32) (i32.const 0))   ;; the name of its method
  (global $answer (mut i32) (i32.const 0))
  (global $length (mut i32) (i32.const 0))

  (func $alloc (param $size i32) (result i32)
    (call $realloc (i32.const 0) (i32.const 0) (i32.const 8) (local.get $size)))

  ;; Reads stdin to its end: into $answer and $length, with a NUL behind.
  (func $read_all (local $room i32) (local $got i32)
    (local.set $room (i32.const 16384))
    (global.set $length (i32.const 0))
    (global.set $answer (call $alloc (i32.const 16385)))
    (loop $more
      (if (i32.eq (global.get $length) (local.get $room)) (then
        (local.set $got (i32.mul (local.get $room) (i32.const 2)))
        (global.set $answer
          (call $realloc (global.get $answer) (local.get $room) (i32.const 8) (i32.add (local.get $got) (i32.const 1))))
        (local.set $room (local.get $got))))
      (i32.store (global.get $scratch) (i32.add (global.get $answer) (global.get $length)))
      (i32.store offset=4 (global.get $scratch) (i32.sub (local.get $room) (global.get $length)))
      (i32.store offset=8 (global.get $scratch) (i32.const 0))
      (drop (call $fd_read (i32.const 0) (global.get $scratch) (i32.const 1)
        (i32.add (global.get $scratch) (i32.const 8))))
      (local.set $got (i32.load offset=8 (global.get $scratch)))
      (global.set $length (i32.add (global.get $length) (local.get $got)))
      (br_if $more (local.get $got)))
    (i32.store8 (i32.add (global.get $answer) (global.get $length)) (i32.const 0)))

  (func $write_all (param $text i32) (param $size i32) (local $put i32)
    (loop $more
      (i32.store (global.get $scratch) (local.get $text))
      (i32.store offset=4 (global.get $scratch) (local.get $size))
      (if (call $fd_write (i32.const 1) (global.get $scratch) (i32.const 1)
          (i32.add (global.get $scratch) (i32.const 8))) (then (call $exit (i32.const 1))))
      (local.set $put (i32.load offset=8 (global.get $scratch)))
      (local.set $text (i32.add (local.get $text) (local.get $put)))
      (local.set $size (i32.sub (local.get $size) (local.get $put)))
      (br_if $more (local.get $size))))

  (func $read_environ (local $list i32)
    (drop (call $environ_sizes (global.get $scratch) (i32.add (global.get $scratch) (i32.const 4))))
    (global.set $length (i32.load offset=4 (global.get $scratch)))
    (local.set $list (call $alloc (i32.mul (i32.const 4) (i32.add (i32.const 1) (i32.load (global.get $scratch))))))
    (global.set $answer (call $alloc (i32.add (i32.const 1) (global.get $length))))
    (drop (call $environ (local.get $list) (global.get $answer))))

  (func $call_host (param $text i32) (param $size i32) (local $op i32)
    (local.set $op (i32.load8_u offset=1 (local.get $text)))
    (global.set $length (call $host_call
      (i32.add (local.get $text) (i32.const 2)) (local.get $op)
      (i32.add (local.get $text) (i32.add (local.get $op) (i32.const 2)))
      (i32.sub (local.get $size) (i32.add (local.get $op) (i32.const 2)))))
    (if (i32.lt_s (global.get $length) (i32.const 0)) (then
      (global.set $answer (call $alloc (i32.const 8)))
      (i32.store8 (global.get $answer) (i32.sub (i32.const 48) (global.get $length)))
      (global.set $length (i32.const 1))
      (return)))
    (global.set $answer (call $alloc (i32.add (global.get $length) (i32.const 1))))
    (global.set $length (call $host_take (global.get $answer) (global.get $length))))

  (func (export "eval-js: func(code: string) -> variant { success(handle<js-abi-value>), failure(handle<js-abi-value>) }")
    (param $text i32) (param $size i32) (param $result i32) (local $kind i32)
    (global.set $answer (i32.const 0))
    (global.set $length (i32.const 0))
    (local.set $kind (i32.load8_u (local.get $text)))
    (if (i32.eq (local.get $kind) (i32.const 99)) (then (call $call_host (local.get $text) (local.get $size))))
    (if (i32.eq (local.get $kind) (i32.const 108)) (then (call $host_log
      (i32.sub (i32.load8_u offset=1 (local.get $text)) (i32.const 48))
      (i32.add (local.get $text) (i32.const 2))
      (i32.sub (local.get $size) (i32.const 2)))))
    (if (i32.eq (local.get $kind) (i32.const 114)) (then (call $read_all)))
    (if (i32.eq (local.get $kind) (i32.const 101)) (then (call $read_environ)))
    (if (i32.eq (local.get $kind) (i32.const 119)) (then
      (call $write_all (i32.add (local.get $text) (i32.const 1)) (i32.sub (local.get $size) (i32.const 1)))))
    (if (i32.eq (local.get $kind) (i32.const 120)) (then
      (call $exit (i32.sub (i32.load8_u offset=1 (local.get $text)) (i32.const 48)))))
    (i32.store (local.get $result) (i32.const 0))
    (i32.store offset=4 (local.get $result) (i32.const 1)))

  ;; Gives the answer away; Ruby frees it.
  (func (export "js-value-to-string: func(value: handle<js-abi-value>) -> string") (param $value i32) (param $result i32)
    (if (i32.eqz (global.get $answer)) (then (global.set $answer (call $alloc (i32.const 8)))))
    (i32.store (local.get $result) (global.get $answer))
    (i32.store offset=4 (local.get $result) (global.get $length))
    (global.set $answer (i32.const 0)))

  (func (export "gojinn_boot") (local $arguments i32)
    (global.set $scratch (call $alloc (i32.const 64)))
    (local.set $arguments (call $alloc (i32.const 56)))
    (memory.init $arguments (local.get $arguments) (i32.const 0) (i32.const 20))
    (i32.store offset=24 (local.get $arguments) (local.get $arguments))
    (i32.store offset=28 (local.get $arguments) (i32.const 5))
    (i32.store offset=32 (local.get $arguments) (i32.add (local.get $arguments) (i32.const 5)))
    (i32.store offset=36 (local.get $arguments) (i32.const 8))
    (i32.store offset=40 (local.get $arguments) (i32.add (local.get $arguments) (i32.const 13)))
    (i32.store offset=44 (local.get $arguments) (i32.const 4))
    (call $ruby_init (i32.add (local.get $arguments) (i32.const 24)) (i32.const 3))
    (call $ruby_loadpath)
    (local.set $arguments (call $alloc (i32.const 512)))
    (memory.init $boot (local.get $arguments) (i32.const 0) (i32.const 157))
    (drop (call $checked (call $ruby_eval (local.get $arguments) (i32.const 157))))
    (memory.init $module (local.get $arguments) (i32.const 0) (i32.const 7))
    (global.set $module (call $checked (call $ruby_eval (local.get $arguments) (i32.const 7))))
    (memory.init $serve (local.get $arguments) (i32.const 0) (i32.const 6))
    (global.set $serve (call $ruby_name (local.get $arguments) (i32.const 6))))

  ;; What Ruby gave; an exception ends the program.
  (func $checked (param $result i32) (result i32)
    (if (i32.load offset=4 (local.get $result)) (then (call $exit (i32.const 1))))
    (i32.load (local.get $result)))

  (func (export "_start")
    (drop (call $checked
      (call $ruby_call (global.get $module) (global.get $serve) (i32.const 0) (i32.const 0))))))

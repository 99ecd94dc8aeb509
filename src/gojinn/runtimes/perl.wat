;; Runs Perl (npm @6over3/zeroperl-ts) for Gojinn. `Gojinn::native` in ../../sdks/perl is the one function that the
;; package lets its host add; its text begins with a letter for what is wanted.
;;
;;   c  an operation of the host: a byte for the length of its name, the name, the request
;;   l  log: a digit for the level, the text
;;   r  read all of stdin        e  the environment, entries ended by NUL
;;   w  write the text to stdout x  exit with a digit as code
;;
;; `gojinn_boot` reads a bundle of source files, as JSON, and evaluates that which is Gojinn's, `_start` calls
;; `Gojinn::serve`.
(module
  (import "image" "malloc" (func $alloc (param i32) (result i32)))
  (import "image" "free" (func $free (param i32)))
  (import "image" "zeroperl_init_with_args" (func $perl_init (param i32 i32) (result i32)))
  (import "image" "zeroperl_eval" (func $perl_eval (param i32 i32 i32 i32) (result i32)))
  (import "image" "zeroperl_last_error" (func $perl_error (result i32)))
  (import "image" "zeroperl_register_function" (func $perl_register (param i32 i32)))
  (import "image" "zeroperl_to_string" (func $perl_string (param i32 i32) (result i32)))
  (import "image" "zeroperl_new_string" (func $perl_new_string (param i32 i32) (result i32)))
  (import "gojinn" "host_call" (func $host_call (param i32 i32 i32 i32) (result i32)))
  (import "gojinn" "host_take" (func $host_take (param i32 i32) (result i32)))
  (import "gojinn" "host_log" (func $host_log (param i32 i32 i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory 1) ;; stands for that of the interpreter

  (data $arguments "perl\00/zeroperl/lib/5.42.0/strict.pm\00")
  (data $native "Gojinn::native\00")
  (data $serve "Gojinn::serve()\00")
  (data $boot "our $bundle = Gojinn::native(\"r\"); my ($text) = $bundle =~ m{\"Gojinn/runtime[.]pl\": \"((?:[^\"\\\\]|\\\\.)*)\"}s; $text =~ s/\\\\(.)/$1 eq \"n\" ? \"\\n\" : $1 eq \"t\" ? \"\\t\" : $1/ges; eval qq{#line 1 \"Gojinn/runtime.pl\"\\n$text}; die $@ if $@; 1\00")

  (global $scratch (mut i32) (i32.const 0)) ;; 64 bytes
  (global $code (mut i32) (i32.const 0))    ;; "Gojinn::serve()"
  (global $answer (mut i32) (i32.const 0))
  (global $length (mut i32) (i32.const 0))

  (func $realloc (param $from i32) (param $held i32) (param $size i32) (result i32) (local $to i32)
    (local.set $to (call $alloc (local.get $size)))
    (memory.copy (local.get $to) (local.get $from) (local.get $held))
    (call $free (local.get $from))
    (local.get $to))

  ;; Reads stdin to its end: into $answer and $length, with a NUL behind.
  (func $read_all (local $room i32) (local $got i32)
    (local.set $room (i32.const 16384))
    (global.set $length (i32.const 0))
    (global.set $answer (call $alloc (i32.const 16385)))
    (loop $more
      (if (i32.eq (global.get $length) (local.get $room)) (then
        (local.set $got (i32.mul (local.get $room) (i32.const 2)))
        (global.set $answer
          (call $realloc (global.get $answer) (local.get $room) (i32.add (local.get $got) (i32.const 1))))
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

  (func (export "call_host_function") (param $id i32) (param $count i32) (param $arguments i32) (result i32)
    (local $text i32) (local $size i32) (local $kind i32) (local $value i32)
    (global.set $answer (i32.const 0))
    (global.set $length (i32.const 0))
    (local.set $text (call $perl_string (i32.load (local.get $arguments)) (global.get $scratch)))
    (local.set $size (i32.load (global.get $scratch)))
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
    (if (i32.eqz (global.get $answer)) (then (global.set $answer (call $alloc (i32.const 8)))))
    (local.set $value (call $perl_new_string (global.get $answer) (global.get $length)))
    (call $free (global.get $answer))
    (local.get $value))

  (func (export "gojinn_boot")
    (global.set $scratch (call $alloc (i32.const 64)))
    (global.set $code (call $alloc (i32.const 512)))
    ;; Perl wants a script to begin with: a file of its own that does nothing, as there is no /dev/null.
    (memory.init $arguments (global.get $code) (i32.const 0) (i32.const 36))
    (i32.store offset=48 (global.get $code) (global.get $code))
    (i32.store offset=52 (global.get $code) (i32.add (global.get $code) (i32.const 5)))
    (i32.store offset=56 (global.get $code) (i32.const 0))
    (if (call $perl_init (i32.const 2) (i32.add (global.get $code) (i32.const 48))) (then (call $fail)))
    (memory.init $native (global.get $code) (i32.const 0) (i32.const 15))
    (call $perl_register (i32.const 1) (global.get $code))
    (memory.init $boot (global.get $code) (i32.const 0) (i32.const 231))
    (call $run)
    (memory.init $serve (global.get $code) (i32.const 0) (i32.const 16)))

  (func $run
    (if (call $perl_eval (global.get $code) (i32.const 1) (i32.const 0) (i32.const 0)) (then (call $fail))))

  ;; Ends the program with what Perl says is wrong.
  (func $fail (local $text i32) (local $size i32)
    (local.set $text (call $perl_error))
    (if (local.get $text) (then
      (block $done
        (loop $more
          (br_if $done (i32.eqz (i32.load8_u (i32.add (local.get $text) (local.get $size)))))
          (local.set $size (i32.add (local.get $size) (i32.const 1)))
          (br $more)))
      (call $host_log (i32.const 3) (local.get $text) (local.get $size))))
    (call $exit (i32.const 1)))

  (func (export "_start")
    (call $run)))

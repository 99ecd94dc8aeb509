;; Spins for ever in its start function, that is while it is being instantiated.
(module
  (memory (export "memory") 1)
  (func $spin (loop $again (br $again)))
  (start $spin)
  (func (export "_start")))

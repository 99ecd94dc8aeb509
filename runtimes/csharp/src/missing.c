// What the interpreter imports and this system does not have. Files are reported missing, as errors that C# turns
// into exceptions; what can only be called by mistake ends the sandbox with its name.
#include "host.h"

#define PARAMETERS_0 void
#define PARAMETERS_1 i32 a
#define PARAMETERS_2 PARAMETERS_1, i32 b
#define PARAMETERS_3 PARAMETERS_2, i32 c
#define PARAMETERS_4 PARAMETERS_3, i32 d
#define PARAMETERS_5 PARAMETERS_4, i32 e
#define PARAMETERS_6 PARAMETERS_5, i32 f
#define PARAMETERS_7 PARAMETERS_6, i32 g

#define ANSWERS(letters, name, count, answer) \
    PROVIDES(letters) i32 import_##letters(PARAMETERS_##count) { return -(answer); }
#define TRAPS(letters, name, count) \
    PROVIDES(letters) i32 import_##letters(PARAMETERS_##count) { give_up("the interpreter called '" name "', which is not here"); }
#define TRAPS_WITHOUT_RESULT(letters, name, count) \
    PROVIDES(letters) void import_##letters(PARAMETERS_##count) { give_up("the interpreter called '" name "', which is not here"); }

enum { ENOENT = 44, EACCES = 2, ENOSYS = 52 };

// Files
ANSWERS(M, "stat64", 2, ENOENT)
ANSWERS(ab, "lstat64", 2, ENOENT)
ANSWERS(La, "readlink", 3, ENOENT)
ANSWERS(Ua, "access", 2, ENOENT)
ANSWERS(Za, "getdents64", 3, ENOENT)
ANSWERS(Va, "utimensat", 4, ENOSYS)
ANSWERS(E, "utimes", 2, 1)
ANSWERS(F, "utime", 2, 1)
ANSWERS(N, "chmod", 2, ENOSYS)
ANSWERS(Ia, "fchmod", 2, ENOSYS)
ANSWERS(Ma, "symlink", 2, ENOSYS)
ANSWERS(Ta, "rename", 2, ENOSYS)
ANSWERS(Sa, "mkdir", 2, ENOSYS)
ANSWERS(Ra, "rmdir", 1, ENOSYS)
ANSWERS(Ka, "link", 2, ENOSYS)
ANSWERS(jb, "unlink", 1, ENOENT)
ANSWERS(ib, "chdir", 1, ENOENT)
ANSWERS(bb, "ftruncate64", 4, ENOSYS)
ANSWERS(Ya, "statfs64", 3, ENOSYS)
ANSWERS(Xa, "fadvise64_64", 7, ENOSYS)
ANSWERS(I, "ioctl", 3, ENOSYS)
ANSWERS(Pa, "pipe", 1, ENOSYS)
ANSWERS(Qa, "dup", 1, ENOSYS)
ANSWERS(Oa, "dup2", 2, ENOSYS)
ANSWERS(gb, "newselect", 5, ENOSYS)
ANSWERS(eb, "poll", 3, ENOSYS)
ANSWERS(fb, "msync", 3, ENOSYS)
ANSWERS(i, "socketcall", 2, ENOSYS)
ANSWERS(Na, "getrusage", 2, ENOSYS)
ANSWERS(Ga, "setpriority", 3, ENOSYS)
ANSWERS(Ha, "getpriority", 2, ENOSYS)
ANSWERS(_a, "getresuid32", 3, ENOSYS)
ANSWERS(xa, "fork", 0, ENOSYS)
ANSWERS(O, "waitpid", 3, ENOSYS)
ANSWERS(qa, "kill", 2, ENOSYS)
ANSWERS(wa, "getTempRet0", 0, 0)

// Names of hosts and users
TRAPS(C, "getnameinfo", 7)
TRAPS(va, "getaddrinfo", 4)
TRAPS(sa, "getprotobyname", 1)
TRAPS(ta, "getgrnam_r", 5)
TRAPS(ua, "getgrgid_r", 5)

// Exceptions of C++, of which the interpreter throws none; the one call that could catch them is a call
TRAPS(la, "llvm_eh_typeid_for", 1)
TRAPS(nb, "__cxa_find_matching_catch_3", 1)
TRAPS(pb, "__cxa_begin_catch", 1)
TRAPS(qb, "__cxa_allocate_exception", 1)
TRAPS_WITHOUT_RESULT(kb, "__resumeException", 1)
TRAPS_WITHOUT_RESULT(mb, "__cxa_throw", 3)
TRAPS_WITHOUT_RESULT(ob, "__cxa_end_catch", 0)
PROVIDES(lb) void invoke_vi(i32 function, i32 argument) { image_call_vi(function, argument); }

// JavaScript, and its debugger
TRAPS(za, "compile_function", 3)
TRAPS(Q, "mono_wasm_typed_array_to_array", 2)
TRAPS(R, "mono_wasm_typed_array_from", 6)
TRAPS(S, "mono_wasm_typed_array_copy_to", 6)
TRAPS(T, "mono_wasm_typed_array_copy_from", 6)
TRAPS(U, "mono_wasm_set_object_property", 6)
TRAPS(V, "mono_wasm_set_by_index", 4)
TRAPS(W, "mono_wasm_release_object", 2)
TRAPS(X, "mono_wasm_release_handle", 2)
TRAPS(Y, "mono_wasm_new_object", 3)
TRAPS(Z, "mono_wasm_new", 3)
TRAPS(_, "mono_wasm_invoke_js_with_args", 4)
TRAPS(aa, "mono_wasm_invoke_js_marshalled", 4)
TRAPS(ba, "mono_wasm_get_object_property", 3)
TRAPS(ca, "mono_wasm_get_global_object", 2)
TRAPS(da, "mono_wasm_get_by_index", 3)
TRAPS(fa, "mono_wasm_bind_host_object", 3)
TRAPS(ga, "mono_wasm_bind_core_object", 3)
TRAPS_WITHOUT_RESULT(ea, "mono_wasm_fire_bp", 0)
TRAPS_WITHOUT_RESULT(ha, "mono_wasm_add_frame", 3)
TRAPS_WITHOUT_RESULT(ia, "mono_wasm_add_bool_var", 1)
TRAPS_WITHOUT_RESULT(ja, "mono_wasm_add_array_item", 1)
TRAPS_WITHOUT_RESULT(z, "mono_wasm_add_properties_var", 1)
TRAPS_WITHOUT_RESULT(B, "mono_wasm_add_string_var", 1)
TRAPS_WITHOUT_RESULT(ma, "mono_wasm_add_obj_var", 3)
TRAPS_WITHOUT_RESULT(na, "mono_wasm_add_func_var", 3)
TRAPS_WITHOUT_RESULT(oa, "mono_wasm_add_array_var", 3)
PROVIDES(n) void add_number_var(double value) { give_up("the interpreter called 'mono_wasm_add_number_var', which is not here"); }

#!/bin/bash
# recipe.sh SOURCES SCRATCH: PHP's sources and ../php/src to SCRATCH/image.wasm, in some minutes. Needs $PYTHON with ziglang.
set -eu
SOURCES=$1 SCRATCH=$2
OURS=$SCRATCH/src BUILD=$SCRATCH/build BIN=$SCRATCH/bin
mkdir -p "$BUILD" "$BIN"
cp -r "$(dirname "$0")"/{src,php} "$SCRATCH" # configure takes no folder with a space in its name
export SOURCE_DATE_EPOCH=1700000000 LC_ALL=C

printf '#!/bin/sh\nexec "%s" -m ziglang cc -target wasm32-wasi "$@"\n' "$PYTHON" >"$BIN/cc"
for tool in ar ranlib; do printf '#!/bin/sh\nexec "%s" -m ziglang %s "$@"\n' "$PYTHON" $tool >"$BIN/$tool"; done
chmod +x "$BIN"/*

# Errors are longjmp, which is an exception of WebAssembly; tag.s defines the one that zig's libc leaves out. A long
# has 32 bits here, but PHP's integers 64, as on every other system.
JUMPS="-mexception-handling -mllvm -wasm-enable-sjlj -mllvm -wasm-use-legacy-eh=false"
EMULATED="-D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_MMAN -D_WASI_EMULATED_PROCESS_CLOCKS -D_WASI_EMULATED_GETPID"
LIBS="-lwasi-emulated-signal -lwasi-emulated-process-clocks -lwasi-emulated-getpid"
FLAGS="-O2 -g0 -fno-sanitize=undefined -DZEND_ENABLE_ZVAL_LONG64=1 -ffile-prefix-map=$SCRATCH=. -I$OURS $EMULATED $JUMPS"

cd "$BUILD"
if [ ! -f .libs/libphp.a ]; then
    # PHP_UNAME would be this machine's name and kernel.
    PHP_UNAME=WASI CC=$BIN/cc AR=$BIN/ar RANLIB=$BIN/ranlib CFLAGS=$FLAGS LDFLAGS=$OURS/tag.s LIBS="$LIBS -lwasi-emulated-mman" \
        "$SOURCES/configure" --host=wasm32-unknown-wasi --build=x86_64-linux-gnu --disable-all --enable-embed=static \
        --disable-cli --disable-cgi --disable-phpdbg --without-pcre-jit --disable-zend-signals --disable-fiber-asm \
        --disable-opcache --disable-huge-code-pages --enable-ctype --enable-tokenizer --enable-filter \
        --enable-mbstring --disable-mbregex --enable-bcmath >configure.log
    sed -i 's/^#define HAVE_GETRUSAGE 1/#undef HAVE_GETRUSAGE/' main/php_config.h
    sed -i 's/.*undef HAVE_COMMONCRYPTO_COMMONRANDOM_H.*/#define HAVE_COMMONCRYPTO_COMMONRANDOM_H 1/' main/php_config.h
    sed -i 's/.*undef ZEND_CHECK_STACK_LIMIT.*/#define ZEND_CHECK_STACK_LIMIT 1/' main/php_config.h
    sed -i 's/^#define CONFIGURE_COMMAND.*/#define CONFIGURE_COMMAND "gojinn"/' main/build-defs.h
    # Only now: with it before, configure would find functions that are not there.
    sed -i "s#-I$OURS #-I$OURS -include $OURS/wasi.h -Wno-date-time -w #" Makefile
    # Files without a name are web.c's, in memory.
    sed -i 's#-c \(.*/plain_wrapper\.c\)#-D_php_stream_fopen_tmpfile=unused_one -D_php_stream_fopen_temporary_file=unused_two -c \1#' Makefile
    make -j2 libphp.la >make.log 2>&1 || { tail -n 40 make.log >&2; exit 1; }
fi

INCLUDES="-I. -I$SOURCES -Imain -I$SOURCES/main -IZend -I$SOURCES/Zend -I$SOURCES/TSRM -I$SOURCES/sapi/embed"
objects=
for source in "$OURS"/*.c; do
    object=$SCRATCH/$(basename "$source" .c).o
    "$BIN/cc" $FLAGS -include "$OURS/wasi.h" -std=gnu23 -D_GNU_SOURCE -w $INCLUDES -c "$source" -o "$object"
    objects="$objects $object"
done
"$BIN/cc" $objects "$OURS/tag.s" .libs/libphp.a -mexec-model=reactor -mexception-handling $LIBS \
    -Wl,-z,stack-size=1048576 -s -o "$SCRATCH/image.wasm"

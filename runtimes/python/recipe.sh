#!/bin/bash
# recipe.sh SOURCES SCRATCH: builds image.wasm in SCRATCH, from CPython's sources and zlib's beside them.
#
# First a Python for this machine, which CPython's own build runs and which compiles the standard library; then
# zlib, CPython as a library, and our few files. It takes five minutes, and a C compiler for this machine.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
SCRATCH=$2 NAME=$(basename "$1")
SOURCES=../$NAME # in SCRATCH too; its path gets into the image

# The same image wherever and whenever it is built: no paths, no dates, no order of hashes.
export SOURCE_DATE_EPOCH=1748995200 PYTHONHASHSEED=0 LC_ALL=C
# No library of this machine's.
export PKG_CONFIG_LIBDIR=/nonexistent PKG_CONFIG_PATH=/nonexistent

mkdir -p "$SCRATCH"/{bin,native,wasi,library}
tool() { printf '#!/bin/sh\nexec "%s" -m ziglang %s "$@"\n' "$PYTHON" "$2" >"$SCRATCH/bin/$1" && chmod +x "$SCRATCH/bin/$1"; }
tool cc "cc -target wasm32-wasi -ffile-prefix-map=$SCRATCH=."
tool ar ar
tool ranlib ranlib
FLAGS="-O2 -g0 -w -fno-sanitize=undefined"

cd "$SCRATCH/native"
"$SOURCES/configure" -q OPT="-O0 -w" --disable-test-modules --with-ensurepip=no
make -s -j2 python

cd "$SCRATCH"/zlib-*
ZLIB=$PWD
for file in adler32 crc32 deflate infback inffast inflate inftrees trees zutil compress uncompr; do
    "$SCRATCH/bin/cc" $FLAGS -DHAVE_UNISTD_H -c $file.c -o $file.o
done
"$SCRATCH/bin/ar" rcs libz.a ./*.o

# configure asks after what zig's headers declare and libc does not have; src/posix.c has that. The first edit
# takes out arguments that zig's linker does not know, the others name what is emulated.
cd "$SCRATCH/wasi"
mkdir Modules
printf '*disabled*\n_codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _multibytecodec\n' \
    >Modules/Setup.local
export CC=$SCRATCH/bin/cc AR=$SCRATCH/bin/ar RANLIB=$SCRATCH/bin/ranlib
EMULATED="-lwasi-emulated-signal -lwasi-emulated-getpid -lwasi-emulated-process-clocks"
CONFIG_SITE=$SCRATCH/$NAME/Tools/wasm/config.site-wasm32-wasi CFLAGS=$FLAGS \
    ZLIB_CFLAGS="-I$ZLIB" ZLIB_LIBS="-L$ZLIB -lz" \
    "$SOURCES/configure" -q --host=wasm32-unknown-wasip1 --build="$(env -u CC "$SOURCES/config.guess")" \
    --with-build-python="$SCRATCH/native/python" --disable-test-modules --with-ensurepip=no \
    --disable-ipv6 --without-doc-strings
sed -i "s/ -z stack-size=[0-9]* -Wl,--stack-first -Wl,--initial-memory=[0-9]*//
    s/^LIBS=.*/LIBS= $EMULATED/
    s/^CONFIGURE_CFLAGS=.*/CONFIGURE_CFLAGS= $FLAGS -DSOCK_RAW=3 -DSOCK_RDM=4 -DSOCK_SEQPACKET=5/" Makefile
make -s -j2 libpython3.13.a

"$SCRATCH/native/python" "$HERE/library.py" "$SCRATCH/$NAME/Lib" "$SCRATCH/library"
INCLUDE="-I. -I$SOURCES/Include"
"$CC" -std=c23 $FLAGS $INCLUDE -c "$SCRATCH/library/library.c" -o "$SCRATCH/library/library.o"
for file in "$HERE"/src/*.c; do
    "$CC" -std=c23 -O2 -g0 -fno-sanitize=undefined -DNDEBUG -Wall -Wextra -Wno-unused-parameter -Wno-date-time \
        $INCLUDE -c "$file" -o "$SCRATCH/library/$(basename "$file" .c).o"
done
# The stack is what C needs while modules are compiled, which recurses more than what runs in requests.
"$CC" -O2 -g0 "$SCRATCH"/library/*.o libpython3.13.a $(find Modules -name '*.a' | sort) "$ZLIB/libz.a" $EMULATED \
    -mexec-model=reactor -Wl,-z,stack-size=4194304 -s -o "$SCRATCH/image.wasm"

/* The files that `include` finds: those of the function's bundle, by names relative to its folder. */
#ifndef GOJINN_BUNDLE_H
#define GOJINN_BUNDLE_H

#include "php.h"

/* Takes the members of a decoded {name: text}, and serves them to `include` from now on. */
void bundle_adopt(HashTable *files);

/* All of them; NULL before. */
HashTable *bundle_files(void);

#endif

/* Other servers as streams: `http://` and `https://`. */
#ifndef GOJINN_WEB_H
#define GOJINN_WEB_H

#include "php.h"

void web_install(void);

/* Does what PHP code cannot for the classes of ../php/curl.php, where that was loaded. */
void web_adopt_handles(void);

#endif

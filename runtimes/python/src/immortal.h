/* Makes all objects that are there immortal. */
#pragma once

void make_immortal(void);

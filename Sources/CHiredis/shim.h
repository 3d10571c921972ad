// The system's hiredis, as Swift sees it. Differences between its versions are bridged here.
#ifndef FENLIU_CHIREDIS_SHIM_H
#define FENLIU_CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>

#endif

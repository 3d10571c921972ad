// The system's hiredis, as Swift sees it. Differences between its versions are bridged here.
#ifndef FENLIU_CHIREDIS_SHIM_H
#define FENLIU_CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>
#include <hiredis/sds.h>

// Bytes that were handed to the context and not yet written to its socket. From 1.0 on hiredis' strings
// have another prefix, so as not to clash with those of Redis itself.
static inline size_t fenliu_unsent(const redisContext *context) {
#if HIREDIS_MAJOR >= 1
  return hi_sdslen(context->obuf);
#else
  return sdslen(context->obuf);
#endif
}

#endif

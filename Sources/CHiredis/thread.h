// What Swift's import of glibc leaves out, since it is declared for _GNU_SOURCE only.
#ifndef FENLIU_CHIREDIS_THREAD_H
#define FENLIU_CHIREDIS_THREAD_H

#include <pthread.h>

extern int pthread_setname_np(pthread_t thread, const char *name);

// Names the calling thread; Linux takes up to 15 bytes and the closing zero.
static inline void fenliu_name_thread(const char *name) {
  pthread_setname_np(pthread_self(), name);
}

#endif

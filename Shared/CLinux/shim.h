#pragma once
/* What glibc has and Swift's Glibc module lacks. */
#include <malloc.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

static inline int clinux_event_counter(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
/* prctl is variadic and so is not imported into Swift; at most 15 bytes are kept. */
static inline void clinux_name_this_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

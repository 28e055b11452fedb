#pragma once
/* What glibc has and Swift's Glibc module lacks. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <malloc.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

static inline int clinux_event_counter(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
/* prctl is variadic and so is not imported into Swift; at most 15 bytes are kept. */
static inline void clinux_name_this_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
/* Starts writing a file's bytes to the disk and does not wait; an error shows in the fsync that follows. */
static inline void clinux_start_writing(int descriptor) { (void)sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE); }

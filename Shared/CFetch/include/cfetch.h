// One HTTP GET through libcurl: no redirects, no proxies, every address checked before it is connected to.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum {
  CFETCH_OK = 0,
  /// libcurl failed; `error` says why.
  CFETCH_FAILED,
  /// The address was not allowed; `error` has it.
  CFETCH_REFUSED,
  /// More than `max_bytes`.
  CFETCH_TOO_LARGE,
  /// `write` returned non-zero.
  CFETCH_STOPPED,
};

typedef struct {
  /// Absolute, http or https.
  const char *url;
  int64_t max_bytes;
  /// Private, loopback and link-local addresses may be connected to.
  int allow_private;
  void *context;
  /// Takes a piece of the body of a 2xx answer; non-zero stops the transfer.
  int (*write)(void *context, const void *bytes, size_t n);
} cfetch_request;

typedef struct {
  long status;
  /// Where a 3xx answer points, absolute; empty otherwise.
  char location[4096];
  char error[512];
} cfetch_answer;

/// Blocks. The name is resolved once, and the connection goes to an address that was checked.
int cfetch_get(const cfetch_request *request, cfetch_answer *answer);

/// An address of the public internet: not private, loopback, link-local, multicast, reserved, or one of these inside IPv6.
int cfetch_is_public(const struct sockaddr *address);

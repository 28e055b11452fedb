#include "cfetch.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  const cfetch_request *request;
  cfetch_answer *answer;
  CURL *curl;
  int64_t received;
  int outcome;
} transfer;

// https://www.iana.org/assignments/iana-ipv4-special-registry
static int is_public4(uint32_t a) {
  static const struct { uint32_t network; int bits; } special[] = {
      {0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},  {0xA9FE0000, 16}, {0xAC100000, 12}, {0xC0000000, 24},
      {0xC0000200, 24}, {0xC0586300, 24}, {0xC0A80000, 16}, {0xC6120000, 15}, {0xC6336400, 24}, {0xCB007100, 24}, {0xE0000000, 3},
  };
  for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
    if ((a ^ special[i].network) >> (32 - special[i].bits) == 0) return 0;
  return 1;
}

static uint32_t word(const uint8_t *p) { return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]; }

// Global unicast only, and no transition form whose embedded address is not public.
// https://www.iana.org/assignments/iana-ipv6-special-registry
static int is_public6(const uint8_t *p) {
  static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  static const uint8_t translated[12] = {0, 0x64, 0xFF, 0x9B};
  if (memcmp(p, mapped, 12) == 0 || memcmp(p, translated, 12) == 0) return is_public4(word(p + 12));
  if ((p[0] & 0xE0) != 0x20) return 0;
  if (p[0] == 0x20 && p[1] == 0x02) return is_public4(word(p + 2));
  // 2001::/23: Teredo and other protocols; 2001:db8::/32: documentation.
  if (p[0] == 0x20 && p[1] == 0x01 && (p[2] < 2 || (p[2] == 0x0D && p[3] == 0xB8))) return 0;
  return 1;
}

int cfetch_is_public(const struct sockaddr *address) {
  if (address->sa_family == AF_INET) return is_public4(ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr));
  if (address->sa_family == AF_INET6) return is_public6(((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr);
  return 0;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
  transfer *t = context;
  (void)purpose;
  if (!t->request->allow_private && !cfetch_is_public(&address->addr)) {
    t->outcome = CFETCH_REFUSED;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take(char *bytes, size_t size, size_t count, void *context) {
  transfer *t = context;
  size_t n = size * count;
  long status = 0;
  curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
  if (status < 200 || status > 299) return n;
  t->received += (int64_t)n;
  if (t->received > t->request->max_bytes) {
    t->outcome = CFETCH_TOO_LARGE;
    return 0;
  }
  if (t->request->write(t->request->context, bytes, n)) {
    t->outcome = CFETCH_STOPPED;
    return 0;
  }
  return n;
}

static void start(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

int cfetch_get(const cfetch_request *request, cfetch_answer *answer) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, start);
  memset(answer, 0, sizeof *answer);
  transfer t = {request, answer, curl_easy_init(), 0, CFETCH_FAILED};
  if (!t.curl) {
    snprintf(answer->error, sizeof answer->error, "cannot start libcurl");
    return CFETCH_FAILED;
  }
  char error[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(t.curl, CURLOPT_ERRORBUFFER, error);
  curl_easy_setopt(t.curl, CURLOPT_URL, request->url);
  curl_easy_setopt(t.curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(t.curl, CURLOPT_FOLLOWLOCATION, 0L);
  // A proxy would connect in our place, to addresses that nobody checked.
  curl_easy_setopt(t.curl, CURLOPT_PROXY, "");
  curl_easy_setopt(t.curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  curl_easy_setopt(t.curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(t.curl, CURLOPT_CONNECTTIMEOUT, 10L);
  curl_easy_setopt(t.curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(t.curl, CURLOPT_LOW_SPEED_TIME, 30L);
  curl_easy_setopt(t.curl, CURLOPT_USERAGENT, "data-sanitizer");
  curl_easy_setopt(t.curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->max_bytes);
  curl_easy_setopt(t.curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(t.curl, CURLOPT_OPENSOCKETDATA, &t);
  curl_easy_setopt(t.curl, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(t.curl, CURLOPT_WRITEDATA, &t);
  CURLcode code = curl_easy_perform(t.curl);
  curl_easy_getinfo(t.curl, CURLINFO_RESPONSE_CODE, &answer->status);
  char *location = NULL;
  curl_easy_getinfo(t.curl, CURLINFO_REDIRECT_URL, &location);
  if (location) snprintf(answer->location, sizeof answer->location, "%s", location);
  if (code == CURLE_OK) {
    t.outcome = CFETCH_OK;
  } else {
    if (code == CURLE_FILESIZE_EXCEEDED) t.outcome = CFETCH_TOO_LARGE;
    snprintf(answer->error, sizeof answer->error, "%s", error[0] ? error : curl_easy_strerror(code));
  }
  curl_easy_cleanup(t.curl);
  return t.outcome;
}

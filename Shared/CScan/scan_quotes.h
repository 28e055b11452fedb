// What quotes mean in a block of 64 bytes, by the strict rules: a quote opens at the start of a cell only and closes
// before a delimiter or a line end only. Private to the kernels.
#pragma once
#include <stdint.h>

typedef struct {
  uint64_t inside;         // all ones while a quoted cell goes on into the next block
  uint64_t after_separator;  // bit 0: the byte before the block is a delimiter or line end outside quotes
  uint64_t after_close;    // bit 0: the byte before the block is a closing quote
  uint64_t after_close_cr;  // bit 0: the two bytes before the block are a closing quote and a carriage return
} quote_state;

typedef struct {
  uint64_t separators;  // delimiters and line ends outside quotes
  uint64_t faults;      // places where the strict rules are broken, or a line ends inside quotes
  uint64_t doubled;     // second quote of a doubled one
} quote_block;

static const quote_state quote_start = {0, 1, 0, 0};

/// `inside` is the parity of `quotes`, before the state is applied. `escapes` are bytes that make a line unclean.
static inline __attribute__((always_inline)) quote_block read_quotes(
    quote_state *state, uint64_t quotes, uint64_t inside, uint64_t delimiters, uint64_t ends, uint64_t returns,
    uint64_t escapes, int doubling_is_fault) {
  quote_block block;
  inside ^= state->inside;
  uint64_t separators = (delimiters | ends) & ~inside;
  uint64_t opening = quotes & inside, closing = quotes & ~inside;
  uint64_t after_close = closing << 1 | state->after_close;
  uint64_t close_cr = after_close & returns;
  uint64_t after_close_cr = close_cr << 1 | state->after_close_cr;
  block.separators = separators;
  block.doubled = opening & after_close;
  block.faults = (opening & ~(separators << 1 | state->after_separator | after_close)) |
                 (after_close & ~(separators | returns | quotes)) | (after_close_cr & ~ends) | (ends & inside) | escapes;
  if (doubling_is_fault) block.faults |= block.doubled;
  state->inside = (uint64_t)((int64_t)inside >> 63);
  state->after_separator = separators >> 63;
  state->after_close = closing >> 63;
  state->after_close_cr = close_cr >> 63;
  return block;
}

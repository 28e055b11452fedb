/* Leases, epochs and the outbox: two workers, a chain of two tasks, a broker that loses everything at any moment.
 *
 * Checked: a task is committed at most once and only by the holder of its current epoch; a message is published only for a task
 * that exists; whatever happens, as long as workers die finitely often, the chain ends.
 *
 *   spin -a lease.pml && cc -O2 -o pan pan.c && ./pan -a -f -m100000
 *
 * -DNO_EPOCH_CHECK, -DPUBLISH_BEFORE_COMMIT and -DNO_DISPATCHER are deliberate mistakes: each must give an error.
 */

#define TASKS   2
#define WORKERS 2
#define FAULTS  3       /* deaths, freezes and losses in all: enough for each pair of them */

mtype = { absent, ready, running, done };

mtype state[TASKS];
byte  epoch[TASKS];     /* grows with every claim */
byte  commits[TASKS];
bool  expired[TASKS];   /* the lease of the present holder has run out */
bool  outbox[TASKS];    /* committed and not confirmed */
byte  queue[TASKS];     /* messages in the broker, at most 2 of a task */
byte  faults = FAULTS;

#define finished (state[TASKS - 1] == done)

inline publish(t) { if :: queue[t] < 2 -> queue[t]++ :: else -> skip fi }

/* One transaction. */
inline claim(t, mine, got) {
    atomic {
        if
        :: state[t] == ready || (state[t] == running && expired[t]) ->
            state[t] = running; expired[t] = false; epoch[t]++; mine = epoch[t]; got = true
        :: else -> got = false      /* held, done or unknown: the message is acknowledged */
        fi
    }
}

/* The one transaction of the commit order: the result, the next task and its outbox row together. */
inline commit(t, mine, won) {
    atomic {
        if
#ifdef NO_EPOCH_CHECK
        :: state[t] == running ->
#else
        :: state[t] == running && epoch[t] == mine ->
#endif
            assert(epoch[t] == mine);           /* never a stale attempt */
            state[t] = done; expired[t] = false; commits[t]++;
            assert(commits[t] == 1);            /* never twice */
            if
            :: t + 1 < TASKS -> state[t + 1] = ready; outbox[t + 1] = true
            :: else -> skip
            fi;
            won = true
        :: else -> won = false                  /* fenced */
        fi
    }
}

proctype Worker() {
    byte t, mine;
    bool got, won;
progress_idle:
end:
    do
    :: atomic { queue[0] > 0 -> queue[0]--; t = 0 };
       goto handle
    :: atomic { queue[1] > 0 -> queue[1]--; t = 1 };
       goto handle
    :: finished && queue[0] == 0 && queue[1] == 0 -> break
    od;
    goto out;
handle:
    assert(state[t] != absent);                 /* no message before its transaction */
    claim(t, mine, got);
    if
    :: !got -> goto end
    :: else -> skip
    fi;
    if
    :: true -> skip                                                  /* works in time */
    :: atomic { faults > 0 -> faults--; expired[t] = (state[t] == running && epoch[t] == mine) }    /* frozen past its lease */
    :: atomic { faults > 0 -> faults--; publish(t); expired[t] = (state[t] == running && epoch[t] == mine -> true : expired[t]) };
       goto end                                                      /* killed: redelivered, and its lease runs out */
    fi;
#ifdef PUBLISH_BEFORE_COMMIT
    atomic { if :: t + 1 < TASKS -> publish(t + 1) :: else -> skip fi };
#endif
    commit(t, mine, won);
    if
    :: !won -> goto end
    :: atomic { won && faults > 0 -> faults--; publish(t) }; goto end   /* killed before it published */
    :: won -> skip
    fi;
    if
    :: t + 1 < TASKS -> atomic { if :: outbox[t + 1] -> publish(t + 1); outbox[t + 1] = false :: else -> skip fi }
    :: else -> skip
    fi;
    goto end;
out:
    skip
}

#ifndef NO_DISPATCHER
/* In every service: what nobody sent, and what was sent and lost. */
proctype Dispatcher() {
    byte i;
end:
    do
    :: finished -> break
    :: else ->
        i = 0;
        do
        :: i < TASKS ->
            atomic {
                if
                :: outbox[i] -> publish(i); outbox[i] = false
                :: !outbox[i] && state[i] == running && expired[i] -> state[i] = ready; expired[i] = false; publish(i)
                :: !outbox[i] && state[i] == ready && queue[i] == 0 -> publish(i)
                :: else -> skip
                fi
            };
            i++
        :: else -> break
        od
    od
}
#endif

/* The broker's disk is wiped. */
proctype Broker() {
end:
    do
    :: atomic { faults > 0 && (queue[0] > 0 || queue[1] > 0) -> faults--; queue[0] = 0; queue[1] = 0 }
    :: finished -> break
    od
}

init {
    atomic {
        state[0] = ready; state[1] = absent; outbox[0] = true;
        byte n = 0;
        do
        :: n < WORKERS -> run Worker(); n++
        :: else -> break
        od;
#ifndef NO_DISPATCHER
        run Dispatcher();
#endif
        run Broker()
    }
}

ltl ends { <> finished }

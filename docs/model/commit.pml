/*
 * Open, commit, heal: how one key comes to be active at all of its members or at none, and what a cheater, a crash, a
 * lost message and a disk that goes back can do to that. README.md says what is modelled, and what is left out.
 *
 * Switches (-D…): OLD: the rules of commit bd6ae48. CHEATER=0|1: whether member 2 cheats. ROLLBACKS=0|1: whether the
 * disk of member 0 may go back, once. SESSIONS=1|2: sessions that make a key under one name. UNNOTICED: a disk that went
 * back does not know it. NO_DELETE: signed noes alone delete nothing. What is checked: ONLY_QUORUM, FRAMED (see `check`).
 * The others take out one rule each, to show that the properties see it.
 */
#ifndef CHEATER
#define CHEATER 1
#endif
#ifndef ROLLBACKS
#define ROLLBACKS 1
#endif
#ifndef SESSIONS
#define SESSIONS 1
#endif

#define HONEST (3 - CHEATER)
#define ALL 7
#define bit(i) (1 << (i))
#define at(i, s) (3 * (s) + (i))

/* A row of a store. `lost` and `lostShare` came back with an earlier disk, without a share and with one. */
mtype:row = { none, opened, no, pending, givenUp, lost, lostShare, isActive, gone };
/* A session in a node's memory. `over`: it has ended, with its event; `died`: with its process. */
mtype:phase = { idle, running, collecting, over, died };

/* On disk. */
mtype:row row[3 * SESSIONS];
byte keptNo[3 * SESSIONS];    /* the members whose signed no this node keeps */
/* In memory. */
mtype:phase phase[3 * SESSIONS];
/*
 * On the network, a bit for each author. What was ever signed may arrive at any time, any number of times, in any order,
 * or never. A cheater has signed everything from the beginning; when it shows what to whom is when it arrives.
 */
byte opens[SESSIONS];
byte yes[SESSIONS];
byte noes[SESSIONS];
byte actives[SESSIONS];       /* "it is active here": for whoever asked for the key */
byte losts[SESSIONS];
/* The copy of member 0's disk. The honest are alike, so it may as well be that of member 0. */
mtype:row copyRow[SESSIONS];
byte copyNo[SESSIONS];
bool copied;
bool wentBack;
/* What only the properties look at: a bit for each session that somebody honest, or the asker, was told is active. */
byte told;
byte askerTold;
bool ended[3 * SESSIONS];

#define certificate(s) (yes[s] == ALL)
#define live(p) ((p) == running || (p) == collecting)
#define has(r) ((r) == pending || (r) == isActive || (r) == givenUp || (r) == lostShare)

/* The name is free for session s at member i: the other session neither runs here nor has it. */
#if SESSIONS == 2
#define takes(r, p) (live(p) || (r) == pending || (r) == isActive)
#define nameFree(i, s) (!takes(row[at(i, 1 - (s))], phase[at(i, 1 - (s))]))
#else
#define nameFree(i, s) true
#endif

/*
 * No quorum destroyed: two shares can still sign. They are those of the honest; the cheater's own is counted only where
 * the disk that went back has taken an honest one with it.
 */
#define enough(a, b, c) ((a) + (b) + (!CHEATER && (c)) + (CHEATER && wentBack) >= 2)
#define quorum(s) enough(has(row[at(0, s)]), has(row[at(1, s)]), has(row[at(2, s)]))
/* The same of shares with their certificate on disk: what the asker was told stands on. */
#define usable(s) enough(row[at(0, s)] == isActive, row[at(1, s)] == isActive, row[at(2, s)] == isActive)
/*
 * The stronger form: where there can be a certificate, be it in the cheater's drawer alone, every honest member has its
 * share, but for what the copy that was put back did not have.
 */
#define keeps(i, s) (has(row[at(i, s)]) || ((i) == 0 && wentBack && !has(copyRow[s])))
#define everyShareKept(s) (keeps(0, s) && keeps(1, s) && (CHEATER || keeps(2, s)))
/*
 * No two keys under a name, but with a proof in honest hands: of a session with a certificate, in which a member's yes
 * is, somebody honest keeps a signed no.
 */
#if SESSIONS == 2
#define proof(s) (keptNo[at(0, s)] || keptNo[at(1, s)] || keptNo[at(2, s)])
#define oneKey (!certificate(0) || !certificate(1) || proof(0) || proof(1))
#else
#define oneKey true
#endif
#define honestSayOneThing(s) (!(yes[s] & noes[s] & (bit(HONEST) - 1)))

inline check(s) {
  assert(!(told & bit(s)) || quorum(s));
#ifndef ONLY_QUORUM
  assert(!(askerTold & bit(s)) || usable(s));
  assert(!certificate(s) || everyShareKept(s));
  assert(oneKey);
#ifndef FRAMED
  assert(honestSayOneThing(s));
#endif
#endif
}

/* Exactly one terminal event: once here, and at least once in `Quiet`. */
inline ends(i, s) {
  assert(!ended[at(i, s)]);
  ended[at(i, s)] = true;
}

inline becomesActive(i, s) {
  row[at(i, s)] = isActive;
  told = told | bit(s);
  printf("%d has the yes of all: session %d is active there\n", i, s);
  check(s)
}

inline saysYes(i, s) {
  yes[s] = yes[s] | bit(i);
  printf("%d signs yes to session %d\n", i, s);
  check(s)
}

inline saysNo(i, s) {
  noes[s] = noes[s] | bit(i);
  printf("%d signs no to session %d\n", i, s);
  check(s)
}

#define waitsForAll(r) ((r) == pending || (r) == givenUp || (r) == lostShare)
#define mayGetNo(i, m, s) (waitsForAll(row[at(i, s)]) && \
  (noes[s] & bit(m) & ~keptNo[at(i, s)]))
inline getsNo(i, m, s) {
#ifndef FORGET_NO
  keptNo[at(i, s)] = keptNo[at(i, s)] | bit(m);
#endif
  if
  :: row[at(i, s)] == pending -> row[at(i, s)] = givenUp
  :: else
  fi;
  printf("%d gets %d's no to session %d: given up, the share is kept\n", i, m, s);
  check(s)
}

inline writesPending(i, s) {
  row[at(i, s)] = pending;
  phase[at(i, s)] = collecting;
  printf("%d writes its share of session %d\n", i, s);
  check(s)
}

/*
 * What a process leaves when it ends: the disk. Being away is being silent, so it is back at once. To what others see, a
 * crash and a session that fails are the same: with two sessions there is only the latter.
 */
inline dies(i) {
  for (k : 0 .. SESSIONS - 1) {
    if
#if SESSIONS == 1
    :: live(phase[at(i, k)]) -> phase[at(i, k)] = died
#else
    :: live(phase[at(i, k)]) -> phase[at(i, k)] = over; ends(i, k)
#endif
    :: else
    fi
  };
  k = 0
}

/* What an honest member does in one session. Each option is one durable write, or one thing signed. */
proctype Member(byte i; byte s) {
  byte k;
  end: do
  /* Open. A session that was opened is never opened again: its id is a hash over a fresh word of each member. */
  :: d_step { phase[at(i, s)] == idle && nameFree(i, s) && (s == 0 || opens[0]) ->
#ifdef EVICT
       if
       :: row[at(i, 1 - s)] == givenUp -> k = 1 - s; row[at(i, k)] = gone; check(k); k = 0
       :: else
       fi;
#endif
#ifndef OLD
#ifndef OPENED_LATE
       row[at(i, s)] = opened; /* durable before the open is sent */
#endif
#endif
       phase[at(i, s)] = running;
       opens[s] = opens[s] | bit(i);
       printf("%d opens session %d\n", i, s)
     }

  /* Commit: the share, and with it the yes, by compare-and-set; the vote; all votes; the certificate. */
#ifdef OLD
  :: d_step { phase[at(i, s)] == running && opens[s] == ALL && row[at(i, s)] == none -> writesPending(i, s) }
#else
#ifdef OPENED_LATE
  :: d_step { phase[at(i, s)] == running && row[at(i, s)] == none -> row[at(i, s)] = opened }
#endif
  :: d_step { phase[at(i, s)] == running && opens[s] == ALL && row[at(i, s)] == opened -> writesPending(i, s) }
#ifdef NO_COMPARE
  :: d_step { phase[at(i, s)] == running && opens[s] == ALL && row[at(i, s)] == no -> writesPending(i, s) }
#endif
#endif
  :: d_step { phase[at(i, s)] == collecting && row[at(i, s)] == pending && certificate(s) ->
       phase[at(i, s)] = over;
       ends(i, s); /* done */
       becomesActive(i, s)
     }
  :: d_step { phase[at(i, s)] == collecting && row[at(i, s)] == isActive ->
       phase[at(i, s)] = over;
       ends(i, s) /* done: a certificate was faster than the votes */
     }
  :: d_step { live(phase[at(i, s)]) ->
       phase[at(i, s)] = over;
       ends(i, s); /* failed: a timeout, an abort, `wallet-busy`, `wallet-pending` */
       printf("%d's session %d fails\n", i, s)
     }
#if SESSIONS == 1
  :: d_step { live(phase[at(i, s)]) ->
       dies(i);
       printf("%d crashes, and starts again\n", i)
     }
#endif

  /* Asked how it stands. A no is on disk before it is said. */
#ifdef OLD
  :: d_step { row[at(i, s)] == none && !live(phase[at(i, s)]) && (opens[s] & bit(i)) -> row[at(i, s)] = no }
  :: d_step { (row[at(i, s)] == pending || row[at(i, s)] == isActive) && !(yes[s] & bit(i)) -> saysYes(i, s) }
#else
#ifdef SAID_BEFORE_WRITTEN
  :: d_step { row[at(i, s)] == opened && !(noes[s] & bit(i)) -> saysNo(i, s) }
#else
  :: d_step { row[at(i, s)] == opened -> row[at(i, s)] = no }
#endif
#ifdef LOST_IS_NO
  :: d_step { (row[at(i, s)] == lost || row[at(i, s)] == none) && !live(phase[at(i, s)]) && (opens[s] & bit(i)) ->
       row[at(i, s)] = no
     }
#endif
#ifdef LOST_FREES
  :: d_step { (row[at(i, s)] == lost || row[at(i, s)] == none) && (opens[s] & bit(i)) && !(losts[s] & bit(i)) ->
       losts[s] = losts[s] | bit(i);
       printf("%d says that it has lost session %d\n", i, s)
     }
#endif
  /* The vote is the same thing: told to all, or to whoever asks. A yes is for ever, also when given up, also erased. */
  :: d_step { (row[at(i, s)] == pending || row[at(i, s)] == givenUp || row[at(i, s)] == isActive ||
       row[at(i, s)] == gone) && !(yes[s] & bit(i)) -> saysYes(i, s)
     }
#ifdef GIVEN_UP_SAYS_NO
  :: d_step { row[at(i, s)] == givenUp && !(noes[s] & bit(i)) -> saysNo(i, s) }
#endif
#if SESSIONS == 1
  :: d_step { row[at(i, s)] == isActive && !(actives[s] & bit(i)) -> actives[s] = actives[s] | bit(i) }
#endif
#endif
  :: d_step { row[at(i, s)] == no && !(noes[s] & bit(i)) -> saysNo(i, s) }

  /* Heal. */
#ifdef OLD
  :: d_step { row[at(i, s)] == pending && !live(phase[at(i, s)]) && (noes[s] & ~bit(i)) ->
       row[at(i, s)] = no;
       printf("%d gets a signed no to session %d, and erases its share\n", i, s);
       check(s)
     }
  :: d_step { row[at(i, s)] == pending && !live(phase[at(i, s)]) && certificate(s) -> becomesActive(i, s) }
#else
  :: d_step { mayGetNo(i, (i + 1) % 3, s) -> getsNo(i, (i + 1) % 3, s) }
  :: d_step { mayGetNo(i, (i + 2) % 3, s) -> getsNo(i, (i + 2) % 3, s) }
#ifdef LOST_FREES
  :: d_step { row[at(i, s)] == pending && (losts[s] & ~bit(i)) -> row[at(i, s)] = givenUp; check(s) }
#endif
#ifndef NO_DELETE
#ifdef DELETE_ON_ONE_NO
  :: d_step { waitsForAll(row[at(i, s)]) && keptNo[at(i, s)] ->
#else
  :: d_step { waitsForAll(row[at(i, s)]) && (keptNo[at(i, s)] | bit(i)) == ALL ->
#endif
       row[at(i, s)] = gone;
       printf("%d erases its share of session %d\n", i, s);
       check(s)
     }
#endif
#ifdef NOT_AGAIN
  :: d_step { row[at(i, s)] == pending && certificate(s) ->
#else
  :: d_step { waitsForAll(row[at(i, s)]) && certificate(s) ->
#endif
#ifdef HEAL_ENDS
       if
       :: live(phase[at(i, s)]) -> ends(i, s)
       :: else
       fi;
#endif
       becomesActive(i, s)
     }
  /* Its own yes is in there: the row that says it never voted is that of a disk that went back. */
  :: d_step { row[at(i, s)] == opened && certificate(s) -> row[at(i, s)] = lost }
#endif
  od
}

/* Whoever asked for the key. With two sessions it is left out: what it is told implies a certificate. */
proctype Asker() {
  end: do
#ifdef OLD
  :: d_step { certificate(0) && told && !askerTold ->
#else
#ifdef TOLD_EARLY
  :: d_step { certificate(0) && !askerTold ->
#else
  :: d_step { actives[0] == ALL && !askerTold ->
#endif
#endif
       askerTold = 1;
       told = 1;
       printf("the asker is told that the key is active\n");
       check(0)
     }
  od
}

/* The disk of member 0 goes back, once, to a copy that was made of it at any time. */
proctype Disk() {
  byte k;
  end: do
  :: d_step { !copied ->
       copied = true;
       for (k : 0 .. SESSIONS - 1) { copyRow[k] = row[at(0, k)]; copyNo[k] = keptNo[at(0, k)] };
       k = 0;
       printf("a copy is made of 0's disk\n")
     }
  :: d_step { copied && !wentBack ->
       wentBack = true;
       dies(0);
       for (k : 0 .. SESSIONS - 1) {
         row[at(0, k)] = copyRow[k];
         keptNo[at(0, k)] = copyNo[k];
#ifndef OLD
#ifndef UNNOTICED
         if
         :: row[at(0, k)] == opened || row[at(0, k)] == no -> row[at(0, k)] = lost
         :: row[at(0, k)] == pending || row[at(0, k)] == givenUp -> row[at(0, k)] = lostShare
         :: else
         fi
#endif
#endif
       };
       printf("0's disk goes back to the copy\n");
       check(0);
       check(SESSIONS - 1);
       k = 0
     }
  :: break
  od
}

#define waits(i, s) (row[at(i, s)] == pending)
#define settled(s) (!waits(0, s) && !waits(1, s) && !waits(2, s) && \
  ((row[at(0, s)] == isActive) == (row[at(1, s)] == isActive)) && \
  ((row[at(1, s)] == isActive) == (row[at(2, s)] == isActive)))

/*
 * When all that can come has come: every session of a process that lives has ended with its event, whoever has a share
 * and can have the certificate is active, and without a cheater and a rollback the members agree.
 */
proctype Quiet() {
  byte i, s;
  end: timeout -> d_step {
    for (s : 0 .. SESSIONS - 1) {
      for (i : 0 .. HONEST - 1) {
        assert(!live(phase[at(i, s)]));
        assert((phase[at(i, s)] == over) == ended[at(i, s)]);
#ifndef OLD
        assert(!certificate(s) || !has(row[at(i, s)]) || row[at(i, s)] == isActive)
#endif
      };
      assert(CHEATER || wentBack || settled(s))
    };
    s = 0
  }
}

init {
  byte i, s;
  atomic {
    for (s : 0 .. SESSIONS - 1) {
      for (i : 0 .. 2) { row[at(i, s)] = none; phase[at(i, s)] = idle };
      copyRow[s] = none;
      opens[s] = CHEATER * 4;
      yes[s] = CHEATER * 4;
      noes[s] = CHEATER * 4;
      actives[s] = CHEATER * 4;
      for (i : 0 .. HONEST - 1) { run Member(i, s) }
    };
    if
    :: SESSIONS == 1 -> run Asker()
    :: else
    fi;
    if
    :: ROLLBACKS > 0 -> run Disk()
    :: else
    fi;
    run Quiet()
  }
}

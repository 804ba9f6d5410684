/** A fault that the service is held to, and the tests that play it. */
export interface Fault {
  readonly fault: string;
  /** What the service does. */
  readonly effect: string;
  /** File under `tests/`, and the test's title as it is written there. */
  readonly tests: readonly (readonly [file: string, title: string])[];
}

const TRANSPORT = 'registry/transport-faults.test.ts';
const HTTP = 'registry/http-faults.test.ts';
const PAYLOAD = 'registry/payload-faults.test.ts';
const SYNC = 'catalog/sync.test.ts';
const GUARDS = 'catalog/guards.test.ts';
const STORE = 'catalog/disk-store.test.ts';
const LIMITS = 'http/server-limits.test.ts';
const CLIENTS = 'http/hostile-clients.test.ts';
const PIPELINING = 'http/desk-pipelining.test.ts';
const REPEATED = 'http/repeated-requests.test.ts';
const SHED = 'http/shed-load.test.ts';
const FUZZ = 'http/contract-fuzz.test.ts';
const END = 'end-to-end.test.ts';
const STOP = 'stop-gracefully.test.ts';
const REPLICAS = 'redis/replicas.test.ts';
const REDIS = 'redis/redis-faults.test.ts';

const KEPT = 'Retried, then the list before is kept.';

const AGAIN = 'Walked again, twice at most; then the list before is kept.';
const ITSELF = 'Costs only its study.';

/** The faults of the project's reliability page, in its order; `docs/faults.md` is made from this. */
export const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  'The way to the registry': [
    {
      fault: 'Slow pages (2 to 20 s)',
      effect: 'Waited for within 30 s a request and 120 s a walk.',
      tests: [
        [TRANSPORT, 'within the limit of a request are waited for'],
        [TRANSPORT, 'that take 20 s each end a walk at its 120 s, with what was asked until then'],
      ],
    },
    {
      fault: 'Silence before the headers',
      effect: KEPT,
      tests: [[TRANSPORT, 'before the headers meets the deadline of the request']],
    },
    {
      fault: 'Silence in the body',
      effect: KEPT,
      tests: [[TRANSPORT, 'in the body meets the limit of an idle body']],
    },
    {
      fault: 'One byte each 100 ms',
      effect: 'Only the deadline of the request ends it.',
      tests: [[TRANSPORT, 'never idles, and only the deadline of the request ends it']],
    },
    { fault: 'Reset in the body', effect: KEPT, tests: [[TRANSPORT, 'reset in the body is asked again']] },
    {
      fault: 'Short body, also one that ends with the connection and still parses',
      effect: KEPT,
      tests: [
        [TRANSPORT, 'closed in good order before the announced length is no answer'],
        [TRANSPORT, 'whose page still parses is noticed by the count, and walked again twice at most'],
      ],
    },
    {
      fault: 'Refused',
      effect: KEPT,
      tests: [[TRANSPORT, 'refused, then back: the next call has the answer']],
    },
    {
      fault: 'DNS failure, then recovery',
      effect: KEPT,
      tests: [[TRANSPORT, 'a name that is not found, and then is']],
    },
    {
      fault: 'Bad TLS certificate',
      effect: 'Never ignored, whatever the environment says.',
      tests: [
        [TRANSPORT, 'is refused before a byte of the request is sent'],
        [TRANSPORT, 'is refused even when the environment says that it does not matter'],
      ],
    },
    {
      fault: 'Keep-alive race',
      effect: 'One more try.',
      tests: [[TRANSPORT, 'and closed just as the next request is sent costs one more try']],
    },
    {
      fault: 'Body over the limit, gzip bomb',
      effect: 'Cut at 64 MB of what comes out.',
      tests: [
        [HTTP, 'a body over the limit ends the walk at once'],
        [HTTP, 'a small gzip body that unfolds is counted by what comes out'],
      ],
    },
    {
      fault: 'Redirect to another host',
      effect: 'Never followed.',
      tests: [[HTTP, '%i to another host is never followed']],
    },
  ],
  'What the registry answers': [
    {
      fault: '429 with `Retry-After` in seconds and as a date',
      effect: 'Waited for in full, also across restarts.',
      tests: [
        [HTTP, 'with Retry-After %s is waited for in full, and the walk goes on'],
        [SYNC, 'nothing is asked during a pause: %s'],
        [SYNC, 'a pause is kept across a restart, even when the clock was set back meanwhile'],
      ],
    },
    {
      fault: '429 without',
      effect: KEPT,
      tests: [[HTTP, '%s is asked again after the usual wait, twice at most']],
    },
    {
      fault: '403 with a page',
      effect: 'Nothing is asked for 30 minutes.',
      tests: [
        [SYNC, 'nothing is asked during a pause: %s'],
        ['registry/registry-client.test.ts', '403 with a page'],
      ],
    },
    {
      fault: '200 with HTML',
      effect: 'As a 403.',
      tests: [
        [SYNC, 'a page with 200'],
        ['registry/registry-client.test.ts', '200 with a page'],
      ],
    },
    {
      fault: 'Bursts of 500, 502, 503, 504 and flapping',
      effect: 'Waited through; the circuit opens after three failed syncs in a row.',
      tests: [
        [HTTP, 'two answers %i in a row are waited through'],
        [HTTP, 'a registry that flaps at every other request is walked to the end'],
        [
          SYNC,
          'the circuit opens after three failures in a row: 5 minutes, doubling to an hour, and closes again',
        ],
      ],
    },
    {
      fault: '404 or 410 on `/studies`, 400, 204',
      effect: 'A broken contract, never an empty list; the list before is kept.',
      tests: [[HTTP, '%s on the first page is a broken contract, never an empty list, and asked once']],
    },
    {
      fault: 'Empty body',
      effect: KEPT,
      tests: [[HTTP, '%s is no empty list: it is asked again, twice at most']],
    },
    {
      fault: 'Byte order mark, wrong charset',
      effect: 'Read as UTF-8 all the same.',
      tests: [
        [HTTP, 'a byte order mark before a page is no obstacle'],
        [HTTP, 'a charset of %s is not believed'],
      ],
    },
  ],
  'Pages and time': [
    {
      fault: 'Repeated page token',
      effect: AGAIN,
      tests: [[HTTP, 'a token that repeats after another one is a circle, and left at once']],
    },
    {
      fault: 'Endless fresh tokens',
      effect: AGAIN,
      tests: [[HTTP, 'fresh tokens without an end stop at the limit of pages']],
    },
    {
      fault: 'A study on two pages',
      effect: 'Taken once.',
      tests: [['registry/walk-studies.test.ts', 'on two pages is counted as two rows and proposed once']],
    },
    {
      fault: 'A study that vanishes between pages',
      effect: AGAIN,
      tests: [[HTTP, 'one that vanishes from a later page costs one more walk']],
    },
    {
      fault: '`versionHolder` or `/version` changing during a walk',
      effect: AGAIN,
      tests: [
        [HTTP, 'that changes during every walk is walked again twice at most'],
        [HTTP, 'of a study that changes during a walk costs one more walk'],
      ],
    },
    {
      fault: '`totalCount` missing or wrong',
      effect: 'Missing: a broken contract. Wrong by however little: walked again, twice at most.',
      tests: [
        [HTTP, 'missing is a broken contract'],
        [HTTP, '%i from the truth is inconsistent, by however little'],
      ],
    },
    {
      fault: 'Expired token',
      effect: AGAIN,
      tests: [[HTTP, 'a token that is always expired is tried in three walks, and no more']],
    },
    {
      fault: 'Registry data older than ours',
      effect: 'Held back by a guard.',
      tests: [[GUARDS, 'data older than ours are not believed at once']],
    },
    {
      fault: 'Clock jumps of a day either way',
      effect: 'Neither stops nor hurries a sync; staleness follows whichever clock says more.',
      tests: [
        [SYNC, 'a clock that jumps by %d ms neither stops nor hurries it'],
        ['catalog/snapshot.test.ts', 'is stale when either clock says so: %s'],
      ],
    },
    {
      fault: '8 hours of sleep',
      effect: 'One sync, not eight.',
      tests: [[SYNC, 'after 8 hours of sleep there is one sync, not eight']],
    },
  ],
  'What a record holds': [
    {
      fault: 'One invalid study in a good page',
      effect: 'Its previous version is served, marked; without one it is set aside.',
      tests: [
        [PAYLOAD, 'one in a good page costs only itself, and is named with its reason'],
        [SYNC, 'is served in its previous version, marked; also after a restart, until it can be read again'],
      ],
    },
    {
      fault: '6 % invalid, ten invalid',
      effect: 'The sync is refused.',
      tests: [[SYNC, '%s bad ones reject the sync and keep the list']],
    },
    {
      fault: 'Unknown values of enumerations',
      effect: 'Kept, counted, never dropped.',
      tests: [[PAYLOAD, 'unknown values of an enumeration are kept, counted and never dropped']],
    },
    {
      fault: 'New and missing fields',
      effect: 'New ones change nothing, missing ones are null.',
      tests: [
        [PAYLOAD, 'new ones at every level change nothing'],
        [PAYLOAD, 'any one may be missing, and only without an id, a title or a status there is no trial'],
      ],
    },
    {
      fault: 'Unreadable ages, minimum above maximum',
      effect: 'No limit, with a notice.',
      tests: [
        [PAYLOAD, 'what cannot be read is no limit, so that it hides no trial'],
        [PAYLOAD, 'a minimum above the maximum is no limit, and both are told'],
      ],
    },
    {
      fault: 'Impossible dates',
      effect: 'No date, with a notice.',
      tests: [[PAYLOAD, 'is no date in any field, is told, and costs nothing else']],
    },
    {
      fault: '`__proto__` as key or value',
      effect: 'A word like any other.',
      tests: [
        [PAYLOAD, 'as a key at every level changes neither the trial nor anybody else'],
        [PAYLOAD, 'as a value is a word like any other'],
      ],
    },
    {
      fault: 'HTML, overrides of direction, lone surrogates, NUL',
      effect: 'Clean text.',
      tests: [[PAYLOAD, '%s in every text is text, clean, and the same at every place']],
    },
    {
      fault: 'Titles of 1 MB',
      effect: ITSELF,
      tests: [[PAYLOAD, 'a title of a megabyte costs only its study']],
    },
    {
      fault: 'A study of 20 MB, or with 5,000 sites',
      effect: 'Over a million characters without its sites it costs only itself; sites are counted.',
      tests: [
        [PAYLOAD, 'a study of 20 MB, of %s, costs only itself'],
        [PAYLOAD, 'a study with 5,000 sites lists ours and counts the others'],
      ],
    },
    {
      fault: '10,000 levels of nesting',
      effect: ITSELF,
      tests: [[PAYLOAD, 'in the place of any field, or as one more, cost at most their study']],
    },
  ],
  'What it means': [
    {
      fault: 'An empty result with 200',
      effect: 'Held back.',
      tests: [[GUARDS, 'an empty answer with 200 is held, never published']],
    },
    { fault: '40 % gone', effect: 'Held back.', tests: [[GUARDS, '40 % gone']] },
    { fault: 'Three times as many', effect: 'Held back.', tests: [[GUARDS, 'three times as many']] },
    {
      fault: 'All statuses change at once',
      effect: 'Held back.',
      tests: [[GUARDS, '%d of 20 statuses changed at once']],
    },
    {
      fault: 'A study truly removed',
      effect: '410 for 90 days, with when and why.',
      tests: [
        [SYNC, 'each that leaves says why: gone, no site here, no longer ALL, merged'],
        ['catalog/snapshot.test.ts', 'a trial that leaves is buried for 90 days, and rises when it returns'],
      ],
    },
    {
      fault: 'A study that the searches lose',
      effect: 'Asked for by number and kept.',
      tests: [[SYNC, 'a trial that the searches no longer return and that still belongs stays on the list']],
    },
  ],
  'Process and disk': [
    {
      fault: 'Cold start with nothing and no registry',
      effect: '503 and `Retry-After`; ready later without a restart.',
      tests: [
        [
          END,
          'without network and without a saved list: 503 and Retry-After, and ready later without a restart',
        ],
      ],
    },
    {
      fault: '1,000 requests at a cold start',
      effect: '503 each; reads never start a sync.',
      tests: [
        [SHED, '1,000 requests at a cold start get 503 and when to come back, and one load makes all well'],
        [SYNC, '10,000 clients at a cold start make one sync: reads never start one'],
      ],
    },
    {
      fault: 'Disk full, read-only disk',
      effect: 'Served from memory; saved once there is room.',
      tests: [
        [STORE, 'a save that fails (%s) throws, leaves the list before, and works again later'],
        [SYNC, 'a full disk does not stop the list; what could not be saved is saved once there is room'],
      ],
    },
    {
      fault: 'SIGKILL, or the power going, at each step of a save',
      effect: 'The list on the disk is whole.',
      tests: [
        [STORE, 'SIGKILL before "%s" leaves a whole list, and the next save cleans up'],
        [STORE, 'the power goes at step %d of a save: the list on the disk is whole'],
      ],
    },
    {
      fault: 'Truncated, bit-flipped, empty or foreign file',
      effect: 'Quarantined; the generation before is read.',
      tests: [
        [STORE, 'a file %s is quarantined, and the one before is read'],
        [SYNC, 'a corrupt file never stops the start'],
      ],
    },
    {
      fault: 'Two processes in one folder',
      effect: 'Both serve, one writes.',
      tests: [
        [END, 'two services in one folder both serve; the second saves once the first has gone'],
        ['catalog/writer-lock.test.ts', 'of twenty who find it abandoned on a real disk, one gets it'],
      ],
    },
    {
      fault: 'Event loop blocked for 2 s',
      effect: 'What can be answered of the pile is answered, the rest refused, then all as before.',
      tests: [
        [
          SHED,
          'an event loop that was blocked for two seconds answers what it can of the pile, then all as before',
        ],
      ],
    },
    {
      fault: 'A throw inside the sync or the index build',
      effect: 'A failure with a code; the list before is kept.',
      tests: [[SYNC, 'a throw while the list is built is a failure with a code, and the list stays']],
    },
  ],
  'The shared store': [
    {
      fault: 'Down at the start',
      effect: 'The own disk, else the registry alone; shared once it is there.',
      tests: [
        [REDIS, 'down at the start: the list of the own disk is served; when it is there, all is shared'],
        [REDIS, 'down at the start and nothing on the disk: the registry is asked alone'],
      ],
    },
    {
      fault: 'Dies, is emptied, flaps',
      effect: 'Reads go on; what it lacks is brought in when it is back, and versions only grow.',
      tests: [
        [
          REDIS,
          'dies: reads go on, the replica keeps its list current alone, and shares it when the store is back',
        ],
        [REDIS, 'is emptied: versions go on growing, and what it lacks is brought in'],
        [REDIS, 'flaps: no read fails, and in the end one leads'],
      ],
    },
    {
      fault: 'Slow (2 s), silent',
      effect: 'A command is given up after 250 ms; no request of a client waits for it.',
      tests: [
        [REDIS, 'is slow: a command is given up, and nobody else waits'],
        [REDIS, 'hangs without a word: the connection is given up and made anew'],
        [REPLICAS, 'reads touch neither the store nor the registry'],
      ],
    },
    {
      fault: 'Garbage, an older or later form under the key',
      effect: 'Passed over after the same checks as from a disk; the leader publishes anew.',
      tests: [
        [REDIS, 'holds %s: it is passed over, the list stays, and the leader publishes anew'],
        [REDIS, 'holds another type under the key: it is passed over and written over'],
      ],
    },
    {
      fault: 'The lease holder dies mid-sync',
      effect: 'Replaced within the lease; the next one finishes.',
      tests: [
        [REPLICAS, 'a leader that dies in the middle of a sync is replaced, and the next one finishes'],
        [REPLICAS, 'a pause that the registry asked the leader for binds the next one'],
      ],
    },
    {
      fault: 'Two holders',
      effect:
        'Only the one with the newest fencing number publishes, and only over the version that it knows.',
      tests: [
        [REPLICAS, 'a stale leader cannot publish'],
        [REPLICAS, 'what was published over an unknown version is not overwritten'],
        [REDIS, 'of two who lead at once only the newer one publishes'],
      ],
    },
    {
      fault: 'Full, read-only replica',
      effect: 'What is brought is shown here, and shared when the store takes it.',
      tests: [
        [REDIS, 'is full: what is brought is shown here, and shared when there is room'],
        [REDIS, 'only reads, as a replica of it does: reads go on, and nothing is lost'],
      ],
    },
    {
      fault: 'A replica cut off, a message lost',
      effect: 'Serves on, and takes up what it missed by looking.',
      tests: [
        [REDIS, 'a replica that is cut off serves on, and takes up what it missed'],
        [REPLICAS, 'learn of it by looking, when the message is lost'],
      ],
    },
    {
      fault: 'Bad TLS certificate of the store',
      effect: 'Never spoken to.',
      tests: [[REDIS, 'a store whose certificate nobody vouches for is never spoken to']],
    },
  ],
  Clients: [
    {
      fault: 'Slowloris, 2,000 idle sockets',
      effect: 'Cut in time; others are answered.',
      tests: [
        [LIMITS, 'headers byte by byte (slowloris)'],
        [LIMITS, '2,000 idle sockets do not hold up a request, and are closed'],
      ],
    },
    {
      fault: 'Slow readers',
      effect: 'Cut.',
      tests: [
        [LIMITS, 'a reader who never reads is cut'],
        [LIMITS, 'a reader of a few bytes now and then is cut as well'],
      ],
    },
    {
      fault: '64 KB URLs, 1,000 parameters, `a[]=`, `%00`, bad escapes',
      effect: 'Refused in one shape.',
      tests: [
        [LIMITS, 'an address of 64 KB'],
        [CLIENTS, 'a NUL, a bad escape, brackets and a thousand parameters are wrong values'],
        [FUZZ, 'of any values, as bytes on a socket, is answered as documented or refused for what is wrong'],
      ],
    },
    {
      fault: 'Cache-busting floods',
      effect: 'The cache stays within its bytes.',
      tests: [
        [CLIENTS, 'a flood of questions that were never asked keeps the cache of answers within its bytes'],
      ],
    },
    {
      fault: 'Regular-expression bombs in `q`',
      effect: 'Words like any other.',
      tests: [[CLIENTS, 'patterns that make regular expressions explode are words like any other']],
    },
    {
      fault: 'Aborts mid-response',
      effect: 'Nothing is left behind.',
      tests: [[CLIENTS, 'clients who go in the middle of an answer leave nothing behind']],
    },
    {
      fault: 'Smuggling shapes',
      effect: 'Refused, the connection closed.',
      tests: [[CLIENTS, '%s is refused in our shape and the connection closed']],
    },
    {
      fault: 'A body with the very bytes of a request that is known, or half a request before them',
      effect: 'Read as what it is.',
      tests: [
        [REPEATED, 'as the body of another request'],
        [REPEATED, 'as a body that comes after its answer, where the head before it ended within a piece'],
        [REPEATED, 'behind half of another request'],
        [REPEATED, 'whatever comes is answered as if nothing was known'],
      ],
    },
    {
      fault: 'The same request twice in one piece, with an answer longer than the buffers of a socket',
      effect: 'Both are answered, and so is what comes later on the connection.',
      tests: [[PIPELINING, 'a long answer to the same request twice leaves the connection heard']],
    },
    {
      fault: 'A tunnel asked for and reset',
      effect: 'The process goes on; nobody else notices.',
      tests: [[CLIENTS, 'who asks for a tunnel and resets it hurts nobody']],
    },
    {
      fault: 'Odd conditional headers, `Range`',
      effect: 'The whole answer or a right 304.',
      tests: [
        [CLIENTS, 'gets the whole list'],
        [FUZZ, 'with a tag gives 304 for it, without a body or a length, on a socket'],
      ],
    },
    {
      fault: 'Wrong methods, bodies on GET, POST of 2 MB',
      effect: '405, passed over, 413.',
      tests: [
        [CLIENTS, '%s gives no 5xx'],
        [CLIENTS, 'a body on GET is read past and changes nothing'],
        [CLIENTS, '2 MB are refused before they are read'],
      ],
    },
    {
      fault: 'Forged `Host` and `X-Forwarded-*`',
      effect: 'Never repeated.',
      tests: [[CLIENTS, 'no forged address is repeated, anywhere']],
    },
    {
      fault: 'More load than can be answered',
      effect: '503 and `Retry-After` for what is too much; probes are always answered.',
      tests: [
        [SHED, 'in standing overload the wait is the shorter one, and every turn serves somebody'],
        [SHED, 'probes and metrics are never shed and wait for nobody'],
      ],
    },
  ],
  'Life cycle': [
    {
      fault: 'SIGTERM mid-request',
      effect: 'The request is answered.',
      tests: [
        [SHED, 'a request in flight is answered while the server closes'],
        [STOP, 'SIGTERM announces, drains, closes, and exits with 0 when the last request is answered'],
      ],
    },
    {
      fault: 'SIGTERM mid-sync',
      effect: 'The request to the registry is ended, exit 0.',
      tests: [
        [END, 'SIGTERM while the registry hangs ends the process with 0'],
        [SYNC, 'stopping ends a request that hangs, and is no failure'],
      ],
    },
    {
      fault: 'A second SIGTERM',
      effect: 'Ends the drain, not the requests.',
      tests: [
        [
          STOP,
          'a second signal ends the drain and still waits for requests in flight; a third changes nothing',
        ],
      ],
    },
    {
      fault: 'Rolling restart of three replicas',
      effect: 'No request fails; equal data have equal tags.',
      tests: [
        ['rolling-restart.test.ts', 'three replicas are restarted in turn under load and no request fails'],
      ],
    },
    {
      fault: 'Older file read by a newer version, and the reverse',
      effect: 'Read; a form that is not known is left alone.',
      tests: [
        [
          STORE,
          'a newer version’s further fields are passed over, an older version’s missing ones have defaults',
        ],
        [STORE, 'files of another pack, and of a later form, are left alone by reading and by saving'],
      ],
    },
    {
      fault: 'Bad settings',
      effect: 'Exit 78 and one line.',
      tests: [[END, 'a wrong setting %j ends the start with %d and one line']],
    },
    {
      fault: 'Port in use',
      effect: 'Exit 69 and one line.',
      tests: [[END, 'a port in use ends the start with 69 and one line']],
    },
  ],
  'All of it by chance': [
    {
      fault: 'Ten thousand random steps of syncs, faults, clocks, restarts, kills, disks and reads',
      effect: 'Every invariant holds after each.',
      tests: [['catalog/simulation.test.ts', 'nothing goes wrong in the plan of seed %d']],
    },
    {
      fault: 'Any request that the document allows, nearly allows or forbids',
      effect: 'Answered as documented, never a 5xx.',
      tests: [[FUZZ, 'of any JSON is answered as documented or refused for what is wrong']],
    },
    {
      fault: 'Words of a client in every place that it can fill',
      effect: 'In no log, no metric, no file, no request to the registry.',
      tests: [
        ['privacy.test.ts', 'reaches no line of the log, no metric, no file and no request to the registry'],
      ],
    },
  ],
};

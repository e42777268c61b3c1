import { isReal } from '../run-kind.ts'
import type { Row } from './row.ts'

// Parts of the matrix that tests elsewhere show already. Their files run with it, and each test whose name fits is a case.

type Shown = Omit<Row, 'cases'> & { tests: RegExp }
type Elsewhere = { file: string; shows: Shown[] }

const login = 'as before the login, the poll timer on, no lease, nothing staged'

export const elsewhere: Elsewhere[] = [
  {
    file: 'test/e2e/login-shell.test.ts',
    shows: [
      {
        tests: /runs the look|runs a repair/,
        family: 'login shell',
        fault: 'sh, dash, bash, zsh or fish as the login shell of root',
        sees: '21 hold',
        exit: 'drift 0, up 0',
        after: 'repaired as with any other',
      },
    ],
  },
  {
    file: 'test/real/login-shell.test.ts',
    shows: [
      {
        tests: /./,
        family: 'login shell',
        fault: 'another login shell of root, by chsh',
        sees: '21 hold',
        exit: 'drift 0',
        after: 'all holds',
      },
    ],
  },
  {
    file: 'test/e2e/blind.test.ts',
    shows: [
      {
        tests: /could not look, and change nothing/,
        family: 'ssh',
        fault: 'blind while something differs: port, host key, cut, black hole',
        sees: 'cannot look at hinata-z2',
        exit: 'drift 3, preview and up not 0',
        after: 'nothing deleted, nothing changed; mended, the difference is seen',
      },
      {
        tests: /container counts as not looked at/,
        family: 'proxmox and container',
        fault: 'pct missing, pct that hangs',
        sees: 'pct exec did not answer in time',
        exit: 'drift 3, up not 0',
        after: 'nothing changed, in the container and on z2',
      },
      {
        tests: /noisy login shell/,
        family: 'login shell',
        fault: 'a login shell that prints a greeting',
        sees: '21 hold',
        exit: 'drift 0, preview 0',
        after: 'all holds',
      },
    ],
  },
  {
    file: 'test/e2e/failing-repair.test.ts',
    shows: [
      {
        tests: /seen again, and the other chains/,
        family: 'files',
        fault: 'a read-only file system under a repair',
        sees: 'still not as documented',
        exit: 'up not 0',
        after: 'seen again by the next preview; the other chains are repaired',
      },
      {
        tests: /left alone, and the lock is named/,
        family: 'proxmox and container',
        fault: 'a container that is locked between the look and the repair',
        sees: 'locked (backup)',
        exit: 'up not 0',
        after: 'left alone',
      },
    ],
  },
  {
    file: 'test/e2e/lease.test.ts',
    shows: [
      {
        tests: /a lease that is (held|taken)/i,
        family: 'two at once',
        fault: 'up while somebody logs in: the lease is held, or taken between look and repair',
        sees: 'reauth by nnamdi@mac since',
        exit: 'up 0 or 2, nothing of that bank touched',
        after: 'the timer and files of that bank as the login left them',
      },
    ],
  },
  {
    file: 'test/e2e/login-others.test.ts',
    shows: [
      {
        tests: /second terminal/,
        family: 'two at once',
        fault: 'two logins of one bank on one Mac, or at one port',
        sees: 'a login is under way already, whose and since when',
        exit: 'the later one 1',
        after: 'the first one goes to its end',
      },
      {
        tests: /up, drift and doctor while/,
        family: 'two at once',
        fault: 'up, drift and doctor while a login has stopped the timer',
        sees: 'reauth by … since …',
        exit: 'as without that bank',
        after: 'the timer is left to the login, which starts it',
      },
      {
        tests: /a poll that runs/,
        family: 'two at once',
        fault: 'a poll in the middle of its rotation when the callback comes, or one that never ends',
        sees: 'a poll is running; waiting for it to end',
        exit: 'reauth 0, or 1 where it never ends',
        after: 'the poll is never killed; the live chain is on z2',
      },
      {
        tests: /is told who logs in where|takes over/,
        family: 'two at once',
        fault: 'two Macs: side by side, one that vanished, one that slept',
        sees: 'whose login it is, where and since when',
        exit: 'the later one 1; the older login is refused',
        after: 'the newer chain is the one on z2',
      },
    ],
  },
  {
    file: 'test/e2e/login-interruption.test.ts',
    shows: [
      {
        tests: /./,
        family: 'killed',
        fault: 'Ctrl-C, a closed terminal, SIGTERM and SIGHUP during a login, and a second Ctrl-C',
        sees: 'what was interrupted and what is left',
        exit: 'reauth 130',
        after: login,
      },
    ],
  },
  {
    file: 'test/e2e/login-killed.test.ts',
    shows: [
      {
        tests: /killed/,
        family: 'killed',
        fault: 'kill -9 of a login at every line that it shows',
        sees: 'the same command carries on',
        exit: 'reauth 0',
        after: 'the new chain is live on z2, nothing of the login is left',
      },
      {
        tests: /the switch of Z2/i,
        family: 'killed',
        fault: 'a Mac that vanishes for good in the middle of a login',
        sees: 'nothing: z2 starts the poll timer by itself',
        exit: 'none',
        after: 'polls go on; the login carries on when the Mac is back',
      },
    ],
  },
  {
    file: 'test/e2e/login-reach.test.ts',
    shows: [
      {
        tests: /at the start/,
        family: 'ssh',
        fault: 'Z2 out of reach when a login begins',
        sees: 'nothing was changed',
        exit: 'reauth 3',
        after: 'no browser was opened; nothing changed',
      },
      {
        tests: /after the callback|before the push|approval is waited for/,
        family: 'ssh',
        fault: 'Z2 out of reach after the callback, before the push, while the approval is waited for',
        sees: 'nothing was exchanged, or: the login is on the Mac',
        exit: 'reauth 3',
        after: 'the old chain lives, or the new one is on the Mac; push or verify ends it',
      },
      {
        tests: /the container/,
        family: 'proxmox and container',
        fault: 'the container stopped, locked or renamed in the middle of a login',
        sees: 'what the container is',
        exit: 'reauth 1 or 3',
        after: 'the chain is on z2 or on the Mac; the same command again ends it',
      },
      {
        tests: /full disk|disk of the mac/i,
        family: 'files',
        fault: 'a full or read-only disk, on Z2 midway through the upload and on the Mac',
        sees: 'no space left, or that it cannot be written',
        exit: 'reauth or push 1',
        after: 'the token file on z2 is whole; the login is on the Mac',
      },
    ],
  },
  {
    file: 'test/e2e/login-exchange.test.ts',
    shows: [
      {
        tests: /a bank in trouble/,
        family: 'banks',
        fault: '429, 5xx, HTML, timeouts and slowness of either bank while a code is exchanged',
        sees: 'the login could not be finished just now',
        exit: 'reauth 1',
        after: 'the chain on ct109 goes on; never called dead',
      },
      {
        tests: /a reply that does not arrive/,
        family: 'banks',
        fault: 'the connection dropped before or after the bank has processed the exchange, or in its reply',
        sees: 'the login was lost, log in again',
        exit: 'reauth 4',
        after: 'the poll timer on; the next login is a good one',
      },
      {
        tests: /no whole login|not take|whose login/,
        family: 'banks',
        fault:
          'a reply without refresh token, with scopes missing, no JSON; a client that is refused; no word of whose login it is',
        sees: 'what is missing, and what to set',
        exit: 'reauth 1 or 64',
        after: 'kept aside with 0600 and never pushed; the chain on ct109 as it was',
      },
    ],
  },
  {
    file: 'test/e2e/login-callback.test.ts',
    shows: [
      {
        tests: /./,
        family: 'banks',
        fault:
          'a wrong state, no code, form_post, errors in the place of a code, a code too late or used, no callback at all',
        sees: 'what the browser reported; still waiting, or that nothing was exchanged',
        exit: 'reauth 0, 1 or 4',
        after: login,
      },
    ],
  },
  {
    file: 'test/poller/poll.test.ts',
    shows: [
      {
        tests: /./,
        family: 'banks',
        fault:
          'the poller with each answer of the banks: dead, pending, lapsed, 429, 5xx, cut, HTML, rotated, same, omitted',
        sees: 'the line in the log that the doctor reads',
        exit: 'of the poll',
        after: 'the token file is whole and holds the live token',
      },
    ],
  },
  {
    file: 'test/poller/kill.test.ts',
    shows: [
      {
        tests: /./,
        family: 'killed',
        fault: 'kill -9 of a poll in the middle of its rotation',
        sees: 'nothing',
        exit: 'none',
        after: 'never a torn token file; only a reply that was not written yet can be lost',
      },
    ],
  },
  {
    file: 'test/login/exchange/durable-file.test.ts',
    shows: [
      {
        tests: /flushes|kill -9|disk that is full/,
        family: 'killed',
        fault: 'power cut or kill between write, fsync and rename of a file on the Mac',
        sees: 'nothing',
        exit: 'none',
        after: 'text before name, name before return: the old file or the new one, whole',
      },
    ],
  },
  {
    file: 'test/login/exchange/kill.test.ts',
    shows: [
      {
        tests: /kill -9 of the process|end of the program/,
        family: 'killed',
        fault:
          'kill -9 of the process that exchanges, at every system call and at random moments; signals to its parent',
        sees: 'the truth from the disk: done, lost, or never asked',
        exit: 'of the next run 0 or 4',
        after: 'a token that has arrived is never lost',
      },
      {
        tests: /a disk that refuses/,
        family: 'files',
        fault: 'a disk of the Mac that refuses at any step of the exchange',
        sees: 'which step, and whether the login is lost',
        exit: 'reauth 1 or 4',
        after: 'found again where it was written',
      },
    ],
  },
  {
    file: 'test/login/z2/kill.test.ts',
    shows: [
      {
        tests: /./,
        family: 'killed',
        fault: 'kill -9 and signals of a commit on Z2, at every call',
        sees: 'whether it came to pass',
        exit: 'none',
        after: 'the old chain or the new one, whole, with its record',
      },
    ],
  },
  {
    file: 'test/login/z2/commit.test.ts',
    shows: [
      {
        tests: /what the container could plant|is refused renames nothing|takes nothing/,
        family: 'files',
        fault:
          'links, second names, folders and races planted by the container; a disk that takes nothing; a commit that must be refused',
        sees: 'why it was refused',
        exit: 'push 1 or 3',
        after: 'nothing renamed, nothing outside touched',
      },
    ],
  },
  {
    file: 'test/login/upload/line.test.ts',
    shows: [
      {
        tests: /cut|slow|frozen|given up|noticed|says a word/,
        family: 'ssh',
        fault: 'an upload cut at any byte, frozen, slow',
        sees: 'what may lie there now',
        exit: 'push 3',
        after: 'the next attempt succeeds',
      },
    ],
  },
  {
    file: 'test/e2e/canary.test.ts',
    shows: [
      {
        tests: /./,
        family: 'secrets',
        fault: 'every command over every state of the token files',
        sees: 'no secret',
        exit: 'any',
        after: 'none in output, state, engine logs, process lists and temporary files',
      },
    ],
  },
  {
    file: 'test/e2e/login-canary.test.ts',
    shows: [
      {
        tests: /./,
        family: 'secrets',
        fault: 'logins that go well, wait, break and are carried on',
        sees: 'no secret',
        exit: 'any',
        after: 'none on the Mac, on z2, in ct109, in the journal of systemd and the engine logs',
      },
    ],
  },
  {
    file: 'test/real/by-hand.test.ts',
    shows: [
      {
        tests: /masked|systemctl edit|systemd stopped|frozen/,
        family: 'systemd',
        fault: 'units edited and masked by hand, a container frozen, its systemd stopped',
        sees: 'the timer as it is, or that the container did not answer',
        exit: 'drift 2, 3 or 4',
        after: 'repaired, or left to a person with what to do',
      },
      {
        tests: /./,
        family: 'files',
        fault:
          'done by hand on a real machine: ACLs, read-only and full disks, pipes, second names, mounts over files, replaced folders, other homes of a legacy unit',
        sees: 'what was seen, of its own kind',
        exit: 'drift 2, 3 or 4',
        after: 'repaired, or left to a person with what to do',
      },
    ],
  },
  {
    file: 'test/real/rotation.test.ts',
    shows: [
      {
        tests: /./,
        family: 'banks',
        fault: 'rotations of both real pollers, one after the other',
        sees: '21 hold',
        exit: 'drift 0',
        after: 'the live chain is on z2',
      },
    ],
  },
]

const inBoth = /^test\/e2e\/(?!login-shell)/

/** Files outside of this folder that run with it on this lab. */
export const elsewhereFiles = elsewhere
  .map(({ file }) => file)
  .filter((file) =>
    isReal ? inBoth.test(file) || file.startsWith('test/real/') : !file.startsWith('test/real/'),
  )

/** The fault that a test of another folder is a case of. */
export function shownBy(path: string, test: string): Row | undefined {
  const shown = elsewhere.find(({ file }) => path.endsWith(file))?.shows.find(({ tests }) => tests.test(test))
  if (!shown) return undefined
  const { tests: _, ...row } = shown
  return row
}
